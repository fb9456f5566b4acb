import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";

import { formatDateTime, formatMachineType } from "../i18n/format";
import type { Device } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Column } from "../ui/Column";
import { Field } from "../ui/Field";
import { ListProblem } from "../ui/ListProblem";
import { Loading } from "../ui/Loading";
import { Note } from "../ui/Note";
import { OptionList } from "../ui/OptionList";
import { OptionRow } from "../ui/OptionRow";
import { useDevices } from "./useDevices";

type Props = {
  selected: Device | null;
  onSelect: (device: Device | null) => void;
};

const MIN_DEVICES_TO_SEARCH = 8;

/** The machines of the plant, of which one can be chosen. */
export function MachineList({ selected, onSelect }: Props): ReactElement {
  const { t } = useTranslation();
  const query = useDevices();
  const [searchText, setSearchText] = useState("");
  const devices = query.value ?? [];
  const hasSearch = devices.length >= MIN_DEVICES_TO_SEARCH;
  return (
    <Column>
      <ListProblem query={query} />
      {hasSearch && (
        <Field label={t("devices.search")} value={searchText} onChangeText={setSearchText} />
      )}
      <OptionList
        label={t("devices.title")}
        options={devices.filter((device) => matches(device, searchText))}
        keyExtractor={(device) => device.device_id}
        ListHeaderComponent={
          <OptionRow
            title={t("devices.none")}
            isSelected={selected === null}
            onPress={() => onSelect(null)}
          >
            <AppText muted>{t("devices.noneHint")}</AppText>
          </OptionRow>
        }
        renderOption={(device) => (
          <DeviceRow
            device={device}
            isSelected={device.device_id === selected?.device_id}
            onPress={() => onSelect(device)}
          />
        )}
        ListEmptyComponent={
          query.isLoading ? (
            <Loading text={t("devices.loading")} />
          ) : query.problem ? null : (
            <Note text={devices.length > 0 ? t("devices.noMatch") : t("devices.empty")} />
          )
        }
      />
    </Column>
  );
}

function matches(device: Device, searchText: string): boolean {
  const text = `${device.device_id} ${device.name}`.toLowerCase();
  return text.includes(searchText.trim().toLowerCase());
}

type RowProps = { device: Device; isSelected: boolean; onPress: () => void };

function DeviceRow({ device, isSelected, onPress }: RowProps): ReactElement {
  const { t } = useTranslation();
  const last = device.last_verdict;
  const lastVerdict = last
    ? t("devices.last", {
        verdict: t(`verdict.${last.label}`),
        when: formatDateTime(last.created_at),
      })
    : t("devices.never");
  return (
    <OptionRow
      title={device.name || device.device_id}
      isSelected={isSelected}
      onPress={onPress}
      testID={`device-${device.device_id}`}
    >
      <AppText muted>{`${formatMachineType(t, device.machine_type)} · ${lastVerdict}`}</AppText>
    </OptionRow>
  );
}
