import { useMutation, useQueryClient } from "@tanstack/react-query";

import { AnalysisService, type Feedback } from "../services/analysisService";
import { type Problem, unwrap } from "../services/problem";
import { problemIn } from "./query";

export type FeedbackSender = {
  give: (feedback: Feedback) => void;
  change: () => void; // what was saved is no longer what is shown
  isSaving: boolean;
  isSaved: boolean;
  problem: Problem | null;
};

export function useFeedback(analysisId: string): FeedbackSender {
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: async (feedback: Feedback) => unwrap(await AnalysisService.giveFeedback(analysisId, feedback)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["analysis", analysisId] }),
  });
  return {
    give: mutation.mutate,
    change: mutation.reset,
    isSaving: mutation.isPending,
    isSaved: mutation.isSuccess,
    problem: problemIn(mutation.error),
  };
}
