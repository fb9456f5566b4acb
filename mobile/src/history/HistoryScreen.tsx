import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";

import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { FilterChips } from "../ui/FilterChips";
import { HistoryRow } from "./HistoryRow";
import { Loading } from "../ui/Loading";
import { Note } from "../ui/Note";
import { Page } from "../ui/Page";
import { ProblemNote } from "../ui/ProblemNote";
import { TrendChart, TrendLegend } from "./TrendChart";
import { useDevices } from "../devices/useDevices";
import { useHistory } from "./useHistory";
import { useModels } from "../models/useModels";
import { useAppNavigation } from "../navigation/routes";
import type { Analysis } from "../services/server/analysisService";

/** Earlier results, and how the health of a machine develops. */
export function HistoryScreen(): ReactElement {
  const { t } = useTranslation();
  const navigation = useAppNavigation();
  const [deviceId, setDeviceId] = useState<string | null>(null);
  const devices = useDevices().value ?? [];
  const models = useModels().value ?? [];
  const { analyses, problem, isLoading, hasMore, loadMore, reload } = useHistory(deviceId);
  const chips = devices.map((device) => ({
    value: device.device_id,
    label: device.name || device.device_id,
  }));
  // Machines and models that are no longer listed are shown by their ids.
  const getDeviceName = (id: string): string =>
    devices.find((device) => device.device_id === id)?.name || id;
  const getModelName = (id: string): string => models.find((model) => model.id === id)?.name ?? id;
  const isEmpty = analyses?.length === 0;
  return (
    <Page>
      {chips.length > 0 && (
        <FilterChips
          label={t("devices.title")}
          chips={[{ value: null, label: t("history.all") }, ...chips]}
          value={deviceId}
          onChange={setDeviceId}
        />
      )}
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {!analyses && isLoading && <Loading text={t("history.loading")} />}
      {isEmpty && <Note text={deviceId ? t("history.emptyDevice") : t("history.empty")} />}
      {analyses && !isEmpty && (
        <>
          <Card title={t("history.trend")}>
            {isSingleMachine(analyses) ? (
              <TrendByModel analyses={analyses} getName={getModelName} />
            ) : (
              <AppText muted>{t("history.trendMixed")}</AppText>
            )}
          </Card>
          {analyses.map((analysis) => (
            <HistoryRow
              key={analysis.id}
              analysis={analysis}
              deviceName={analysis.device_id && getDeviceName(analysis.device_id)}
              modelName={getModelName(analysis.model.id)}
              onPress={() => navigation.navigate("Result", { id: analysis.id })}
            />
          ))}
        </>
      )}
      {hasMore && <Button label={t("actions.more")} disabled={isLoading} onPress={loadMore} />}
    </Page>
  );
}

type TrendProps = { analyses: Analysis[]; getName: (modelId: string) => string };

/** One chart per model, because health scores of different models cannot be compared. */
function TrendByModel({ analyses, getName }: TrendProps): ReactElement {
  return (
    <>
      {groupByModel(analyses).map(([modelId, group]) => (
        <TrendChart key={modelId} name={getName(modelId)} analyses={group} />
      ))}
      <TrendLegend />
    </>
  );
}

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
