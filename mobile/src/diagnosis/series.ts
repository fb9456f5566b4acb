import type { Label } from "../services/server/analysisService";

/** What the verdicts of recordings at one spot come to, in the order they were made. */
export type SeriesVerdict =
  | "single" // one NORMAL: nothing to confirm
  | "unconfirmed" // one that is not: a second has to confirm it
  | "confirmed" // most are not normal
  | "contradictory" // one of each: a third decides
  | "refuted"; // most are normal

export function judgeSeries(labels: Label[]): SeriesVerdict {
  const nAlarms = labels.filter((label) => label !== "NORMAL").length;
  const nNormal = labels.length - nAlarms;
  if (labels.length === 1) return nAlarms > 0 ? "unconfirmed" : "single";
  if (nAlarms === nNormal) return "contradictory";
  return nAlarms > nNormal ? "confirmed" : "refuted";
}

/** Return the more urgent label of a series. */
export function getWorst(labels: Label[]): "WARNING" | "CRITICAL" {
  return labels.includes("CRITICAL") ? "CRITICAL" : "WARNING";
}
