import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useDevices } from "../devices/useDevices";
import { useNames } from "../devices/useNames";
import { useAppNavigation } from "../navigation/routes";
import { useCapabilities } from "../queries/useCapabilities";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { FilterChips } from "../ui/FilterChips";
import { useIsWide } from "../ui/layout";
import { ListProblem } from "../ui/ListProblem";
import { Loading } from "../ui/Loading";
import { Note } from "../ui/Note";
import { Page } from "../ui/Page";
import { Segmented } from "../ui/Segmented";
import { HistoryRow } from "./HistoryRow";
import { searchAnalyses } from "./search";
import { Trends } from "./Trends";
import { type History, useHistory } from "./useHistory";
import { useHistoryFilter } from "./useHistoryFilter";

const MAX_SEARCH_LENGTH = 200; // it has to fit into an address

/** Earlier results, and how the health of a machine develops. */
export function HistoryScreen(): ReactElement {
  const { t } = useTranslation();
  const { deviceId, isMine, searchText, ...shown } = useHistoryFilter();
  const includesColleagues = useCapabilities()?.includes_colleagues ?? false;
  const history = useHistory({ deviceId, isMine: includesColleagues && isMine });
  const isWide = useIsWide();
  const trends = <Trends analyses={history.value ?? []} />;
  return (
    <Page aside={isWide && trends}>
      {includesColleagues && (
        <Segmented
          label={t("history.whose")}
          options={[
            { value: "mine", label: t("history.mine") },
            { value: "all", label: t("history.everybodys") },
          ]}
          value={isMine ? "mine" : "all"}
          onChange={(whose) => shown.setIsMine(whose === "mine")}
        />
      )}
      <MachineChips deviceId={deviceId} onChange={shown.setDeviceId} />
      <Field
        label={t("history.search")}
        value={searchText}
        onChangeText={shown.setSearchText}
        maxLength={MAX_SEARCH_LENGTH}
      />
      <ListProblem query={history} />
      {!isWide && trends}
      <Results history={history} searchText={searchText} deviceId={deviceId} />
      {history.hasMore && (
        <Button
          label={t("actions.more")}
          disabled={history.isLoading}
          onPress={history.loadMore}
        />
      )}
    </Page>
  );
}

type ChipsProps = { deviceId: string | null; onChange: (deviceId: string | null) => void };

/** The machines that have recordings. */
function MachineChips({ deviceId, onChange }: ChipsProps): ReactElement | null {
  const { t } = useTranslation();
  const devices = useDevices().value ?? [];
  const recorded = devices.filter(({ last_verdict }) => last_verdict !== null);
  if (recorded.length === 0) return null;
  const chips = recorded.map(({ device_id, name }) => ({
    value: device_id,
    label: name || device_id,
  }));
  return (
    <FilterChips
      label={t("devices.title")}
      chips={[{ value: null, label: t("history.all") }, ...chips]}
      value={deviceId}
      onChange={onChange}
    />
  );
}

type ResultsProps = { history: History; searchText: string; deviceId: string | null };

function Results({ history, searchText, deviceId }: ResultsProps): ReactElement | null {
  const { t } = useTranslation();
  const navigation = useAppNavigation();
  const names = useNames();
  const { value: analyses, isLoading } = history;
  if (!analyses) return isLoading ? <Loading text={t("history.loading")} /> : null;
  if (analyses.length === 0) {
    return <Note text={deviceId ? t("history.emptyDevice") : t("history.empty")} />;
  }
  const found = searchAnalyses(t, analyses, searchText, names);
  if (found.length === 0) return <Note text={t("history.noMatch")} />;
  return (
    <>
      {found.map((analysis) => (
        <HistoryRow
          key={analysis.id}
          analysis={analysis}
          deviceName={analysis.device_id && names.getDeviceName(analysis.device_id)}
          modelName={names.getModelName(analysis.model.id)}
          onPress={() => navigation.navigate("Result", { id: analysis.id })}
        />
      ))}
    </>
  );
}
