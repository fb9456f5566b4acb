import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "../components/Button";
import { Card } from "../components/Card";
import { FilterChips } from "../components/FilterChips";
import { HistoryRow } from "../components/HistoryRow";
import { Note } from "../components/Note";
import { Page } from "../components/Page";
import { ProblemNote } from "../components/ProblemNote";
import { TrendChart, TrendLegend } from "../components/TrendChart";
import { Waiting } from "../components/Loading";
import { Words } from "../components/AppText";
import { useDevices } from "../hooks/useDevices";
import { useHistory } from "../hooks/useHistory";
import { useModels } from "../hooks/useModels";
import type { Analysis } from "../services/analysisService";

type Props = { onOpen: (analysisId: string) => void };

export function HistoryScreen({ onOpen }: Props): ReactElement {
  const { t } = useTranslation();
  const [deviceId, setDeviceId] = useState<string | null>(null);
  const devices = useDevices().value ?? [];
  const models = useModels().value ?? [];
  const { analyses, problem, isLoading, hasMore, loadMore, reload } = useHistory(deviceId);
  const chips = devices.map((device) => ({ value: device.device_id, label: device.name || device.device_id }));
  // What is not offered or known any more goes by its id.
  const deviceName = (id: string): string => devices.find((device) => device.device_id === id)?.name || id;
  const modelName = (id: string): string => models.find((model) => model.id === id)?.name ?? id;
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
      {!analyses && isLoading && <Waiting text={t("history.loading")} />}
      {isEmpty && <Note text={deviceId ? t("history.emptyDevice") : t("history.empty")} />}
      {analyses && !isEmpty && (
        <>
          <Card title={t("history.trend")}>
            {areOfOneMachine(analyses) ? (
              <TrendByModel analyses={analyses} nameOf={modelName} />
            ) : (
              <Words muted>{t("history.trendMixed")}</Words>
            )}
          </Card>
          {analyses.map((analysis) => (
            <HistoryRow
              key={analysis.id}
              analysis={analysis}
              deviceName={analysis.device_id && deviceName(analysis.device_id)}
              modelName={modelName(analysis.model.id)}
              onPress={() => onOpen(analysis.id)}
            />
          ))}
        </>
      )}
      {hasMore && <Button label={t("actions.more")} disabled={isLoading} onPress={loadMore} />}
    </Page>
  );
}

type TrendProps = { analyses: Analysis[]; nameOf: (modelId: string) => string };

/** A line for each model: what one calls healthy another need not. */
function TrendByModel({ analyses, nameOf }: TrendProps): ReactElement {
  return (
    <>
      {byModel(analyses).map(([modelId, ofOne]) => (
        <TrendChart key={modelId} name={nameOf(modelId)} analyses={ofOne} />
      ))}
      <TrendLegend />
    </>
  );
}

function byModel(analyses: Analysis[]): [string, [Analysis, ...Analysis[]]][] {
  const groups = new Map<string, [Analysis, ...Analysis[]]>();
  for (const analysis of analyses) {
    const group = groups.get(analysis.model.id);
    if (group) group.push(analysis);
    else groups.set(analysis.model.id, [analysis]);
  }
  return [...groups];
}

/** A line from one machine's health to another's would mean nothing. */
function areOfOneMachine(analyses: Analysis[]): boolean {
  return analyses.every(({ device_id }) => device_id !== null && device_id === analyses[0]?.device_id);
}
