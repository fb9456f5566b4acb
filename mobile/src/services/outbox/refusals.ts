import { type Problem, getCode } from "../server/problem";

// Refusals that another model, a curator or an administrator can resolve.
const MODEL_CODES = [
  "unknown_model",
  "model_inactive",
  "no_serving_version",
  "not_calibrated",
  "artifact_corrupt",
];
const ACCOUNT_CODES = ["permission_denied", "not_found"];

/** Whether the same recording may be accepted with another model. */
export function isAboutModel(refusal: Problem | null): boolean {
  return MODEL_CODES.includes(getCode(refusal) ?? "");
}

/** Whether the same recording may be accepted later: the recording itself is not at fault. */
export function isResolvable(refusal: Problem | null): boolean {
  return isAboutModel(refusal) || ACCOUNT_CODES.includes(getCode(refusal) ?? "");
}
