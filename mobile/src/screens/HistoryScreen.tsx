import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "../components/Button";
import { Card } from "../components/Card";
import { FilterChips } from "../components/FilterChips";
import { HistoryRow } from "../components/HistoryRow";
import { Note } from "../components/Note";
import { Page } from "../components/Page";
import { ProblemNote } from "../components/ProblemNote";
import { TrendChart } from "../components/TrendChart";
import { Waiting } from "../components/Waiting";
import { useDevices } from "../hooks/useDevices";
import { useHistory } from "../hooks/useHistory";

type Props = { onOpen: (analysisId: string) => void };

export function HistoryScreen({ onOpen }: Props): ReactElement {
  const { t } = useTranslation();
  const [deviceId, setDeviceId] = useState<string | null>(null);
  const devices = useDevices().value ?? [];
  const { analyses, problem, isLoading, hasMore, loadMore, reload } = useHistory(deviceId);
  const chips = devices.map((device) => ({ value: device.device_id, label: device.name || device.device_id }));
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
            <TrendChart analyses={analyses} />
          </Card>
          {analyses.map((analysis) => (
            <HistoryRow key={analysis.id} analysis={analysis} onPress={() => onOpen(analysis.id)} />
          ))}
        </>
      )}
      {hasMore && <Button label={t("actions.more")} disabled={isLoading} onPress={loadMore} />}
    </Page>
  );
}
