import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { FlatList, StyleSheet } from "react-native";

import { useDevices } from "../hooks/useDevices";
import { machineTypeWords, momentWords } from "../i18n/format";
import type { Device } from "../services/analysisService";
import { Field } from "./Field";
import { ListProblem } from "./ListProblem";
import { Note } from "./Note";
import { OptionRow } from "./OptionRow";
import { Sheet } from "./Sheet";
import { Waiting } from "./Loading";
import { Words } from "./AppText";

type Props = { selected: Device | null; onSelect: (device: Device | null) => void; onClose: () => void };

const MANY = 8; // from here on one looks by name

export function DevicePicker({ selected, onSelect, onClose }: Props): ReactElement {
  const { t } = useTranslation();
  const loaded = useDevices();
  const { value, problem, isLoading } = loaded;
  const [wanted, setWanted] = useState("");
  const devices = value ?? [];
  const found = devices.filter((device) => matches(device, wanted));
  return (
    <Sheet title={t("devices.title")} onClose={onClose}>
      <ListProblem loaded={loaded} stale={t("devices.stale")} />
      {devices.length >= MANY && <Field label={t("devices.search")} value={wanted} onChangeText={setWanted} />}
      <FlatList
        style={styles.list}
        role="radiogroup"
        aria-label={t("devices.title")}
        data={found}
        keyExtractor={(device) => device.device_id}
        ListHeaderComponent={
          <OptionRow title={t("devices.none")} isSelected={selected === null} onPress={() => onSelect(null)}>
            <Words muted>{t("devices.noneHint")}</Words>
          </OptionRow>
        }
        renderItem={({ item }) => (
          <DeviceRow
            device={item}
            isSelected={item.device_id === selected?.device_id}
            onPress={() => onSelect(item)}
          />
        )}
        ListEmptyComponent={
          isLoading ? (
            <Waiting text={t("devices.loading")} />
          ) : problem ? null : (
            <Note text={devices.length > 0 ? t("devices.noMatch") : t("devices.empty")} />
          )
        }
      />
    </Sheet>
  );
}

function matches(device: Device, wanted: string): boolean {
  return `${device.device_id} ${device.name}`.toLowerCase().includes(wanted.trim().toLowerCase());
}

type RowProps = { device: Device; isSelected: boolean; onPress: () => void };

function DeviceRow({ device, isSelected, onPress }: RowProps): ReactElement {
  const { t } = useTranslation();
  const last = device.last_verdict;
  const state = last
    ? t("devices.last", { verdict: t(`verdict.${last.label}`), when: momentWords(last.created_at) })
    : t("devices.never");
  return (
    <OptionRow
      title={device.name || device.device_id}
      isSelected={isSelected}
      onPress={onPress}
      testID={`device-${device.device_id}`}
    >
      <Words muted>{`${machineTypeWords(t, device.machine_type)} · ${state}`}</Words>
    </OptionRow>
  );
}

const styles = StyleSheet.create({ list: { flex: 1 } });
