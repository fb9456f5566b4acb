import { useMutation, useQueryClient } from "@tanstack/react-query";

import { getProblem } from "../queries/query";
import {
  AnalysisService,
  type Feedback,
  type SavedFeedback,
} from "../services/server/analysisService";
import { type Problem, unwrap } from "../services/server/problem";

export type FeedbackState = {
  submit: (feedback: Feedback, onSaved: () => void) => void;
  saved: SavedFeedback | undefined; // by this screen
  isSaving: boolean;
  problem: Problem | null;
};

/** Save feedback; lists of analyses show it from then on. */
export function useFeedback(analysisId: string): FeedbackState {
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: async (feedback: Feedback) =>
      unwrap(await AnalysisService.setFeedback(analysisId, feedback)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["analysis", analysisId] });
      await queries.invalidateQueries({ queryKey: ["history"] });
    },
  });
  return {
    submit: (feedback, onSaved) => mutation.mutate(feedback, { onSuccess: onSaved }),
    saved: mutation.data,
    isSaving: mutation.isPending,
    problem: getProblem(mutation.error),
  };
}
