import type { TFunction } from "i18next";

import type { Names } from "../devices/useNames";
import { formatDateTime } from "../i18n/format";
import type { Analysis } from "../services/server/analysisService";

/** Return the analyses that hold every word: of machine, model, verdict, time, person, feedback. */
export function searchAnalyses(
  t: TFunction,
  analyses: Analysis[],
  searchText: string,
  names: Names,
): Analysis[] {
  const words = searchText.trim().toLowerCase().split(/\s+/);
  return analyses.filter((analysis) => {
    const text = describe(t, analysis, names).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function describe(t: TFunction, analysis: Analysis, names: Names): string {
  const { device_id, model, label, feedback, recorded_at, created_at, recorded_by } = analysis;
  const machine = device_id ? `${device_id} ${names.getDeviceName(device_id)}` : "";
  const opinion = feedback
    ? `${t(`feedback.${feedback.verdict}`)} ${feedback.fault_code} ${feedback.comment}`
    : "";
  const when = formatDateTime(recorded_at ?? created_at);
  const verdict = t(`verdict.${label}`);
  return [machine, names.getModelName(model.id), verdict, when, recorded_by, opinion].join(" ");
}
