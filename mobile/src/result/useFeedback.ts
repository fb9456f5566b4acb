import { useMutation, useQueryClient } from "@tanstack/react-query";

import { AnalysisService, type Feedback } from "../services/server/analysisService";
import { type Problem, unwrap } from "../services/server/problem";
import { getProblem } from "../queries/query";

export type FeedbackState = {
  submit: (feedback: Feedback, onSaved: () => void) => void;
  markChanged: () => void; // the form no longer shows what was saved
  isSaving: boolean;
  isSaved: boolean;
  problem: Problem | null;
};

export function useFeedback(analysisId: string): FeedbackState {
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: async (feedback: Feedback) =>
      unwrap(await AnalysisService.setFeedback(analysisId, feedback)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["analysis", analysisId] }),
  });
  return {
    submit: (feedback, onSaved) => mutation.mutate(feedback, { onSuccess: onSaved }),
    markChanged: mutation.reset,
    isSaving: mutation.isPending,
    isSaved: mutation.isSuccess,
    problem: getProblem(mutation.error),
  };
}
