import type { TFunction } from "i18next";

import { formatBand, formatFeatureGroup, formatSegmentEnds } from "../i18n/format";
import { type Analysis, hasExplanation } from "../services/server/analysisService";

/** Say the one thing that stands out, where the recording is not normal. */
export function describeDifference(t: TFunction, analysis: Analysis): string | null {
  if (analysis.label === "NORMAL") return null;
  if (!hasExplanation(analysis)) return t("quality.unexplained");
  const { traits, bands, segments } = analysis.explanation;
  const [group] = traits;
  if (group) return t("result.standsOut", { what: formatFeatureGroup(t, group.name) });
  const [band] = [...bands].sort((a, b) => Math.abs(b.excess_db) - Math.abs(a.excess_db));
  if (band) return t("result.standsOut", { what: formatBand(t, band) });
  const [segment] = segments;
  if (!segment) return t("result.nothingStandsOut");
  const when = t("result.segment", formatSegmentEnds(segment));
  return t("result.standsOut", { what: when });
}
