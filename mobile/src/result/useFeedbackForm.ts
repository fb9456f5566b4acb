import { useDraft } from "../queries/useDraft";
import type { Analysis, FeedbackOutcome } from "../services/server/analysisService";
import type { Problem } from "../services/server/problem";
import { useFeedback } from "./useFeedback";

export const OUTCOMES: FeedbackOutcome[] = ["TRUE_POSITIVE", "FALSE_POSITIVE", "IGNORE"];

export type FeedbackFormState = {
  outcome: FeedbackOutcome | null;
  fault: string; // a code; "": none that is listed
  comment: string;
  setOutcome: (outcome: FeedbackOutcome) => void;
  setFault: (code: string) => void;
  setComment: (comment: string) => void;
  save: () => void;
  isSaving: boolean;
  savedAt: string | null; // when what is shown was saved; null: it was not
  problem: Problem | null;
};

/** What a person found at the machine: as typed so far, and as saved. */
export function useFeedbackForm({ id, feedback }: Analysis): FeedbackFormState {
  const { submit, saved: savedNow, isSaving, problem } = useFeedback(id);
  const saved = savedNow ?? feedback;
  const outcome = useDraft(`outcome ${id}`, saved?.verdict ?? "");
  const fault = useDraft(`fault ${id}`, saved?.fault_code ?? "");
  const comment = useDraft(`comment ${id}`, saved?.comment ?? "");
  const drafts = [outcome, fault, comment];
  const verdict = OUTCOMES.find((each) => each === outcome.text) ?? null;
  // Another answer than a fault has no fault code.
  const faultCode = verdict === "TRUE_POSITIVE" ? fault.text : "";
  const isAsSaved =
    saved?.verdict === verdict &&
    saved?.fault_code === faultCode &&
    saved?.comment === comment.text;
  return {
    outcome: verdict,
    fault: fault.text,
    comment: comment.text,
    setOutcome: outcome.setText,
    setFault: fault.setText,
    setComment: comment.setText,
    save: () => {
      if (!verdict) return;
      const content = { verdict, fault_code: faultCode, comment: comment.text };
      submit(content, () => drafts.forEach((draft) => draft.forget()));
    },
    isSaving,
    savedAt: saved && isAsSaved ? saved.updated_at : null,
    problem,
  };
}
