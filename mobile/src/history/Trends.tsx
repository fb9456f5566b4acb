import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useNames } from "../devices/useNames";
import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { TrendChart } from "./TrendChart";
import { TrendLegend } from "./TrendLegend";

/** How health developed, where all analyses are of one machine. */
export function Trends({ analyses }: { analyses: Analysis[] }): ReactElement | null {
  const { t } = useTranslation();
  const { getModelName } = useNames();
  if (analyses.length === 0) return null;
  return (
    <Card title={t("history.trend")}>
      {isSingleMachine(analyses) ? (
        <>
          {groupByModel(analyses).map(([modelId, group]) => (
            <TrendChart key={modelId} name={getModelName(modelId)} analyses={group} />
          ))}
          <TrendLegend />
        </>
      ) : (
        <AppText muted>{t("history.trendMixed")}</AppText>
      )}
    </Card>
  );
}

/** Group by model, because health scores of different models cannot be compared. */
function groupByModel(analyses: Analysis[]): [string, [Analysis, ...Analysis[]]][] {
  const groups = new Map<string, [Analysis, ...Analysis[]]>();
  for (const analysis of analyses) {
    const group = groups.get(analysis.model.id);
    if (group) group.push(analysis);
    else groups.set(analysis.model.id, [analysis]);
  }
  return [...groups];
}

/** Return whether all analyses are of one machine: a trend across machines means nothing. */
function isSingleMachine(analyses: Analysis[]): boolean {
  const deviceId = analyses[0]?.device_id ?? null;
  return deviceId !== null && analyses.every((analysis) => analysis.device_id === deviceId);
}
