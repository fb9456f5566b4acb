import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import type { Capabilities } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { SPACE } from "../ui/theme";
import type { PendingClip } from "./useDeviceCalibration";

type Props = {
  clips: PendingClip[];
  limits: Capabilities["device_calibration"];
  onDelete: (clip: PendingClip) => void;
};

/** The recordings so far, with the numbers that the server uses for them. */
export function ClipList({ clips, limits, onDelete }: Props): ReactElement {
  const { t } = useTranslation();
  const nMissing = limits.min_clips - clips.length;
  const nSurplus = clips.length - limits.max_clips;
  return (
    <Card title={t("calibration.clips", { count: clips.length, max: limits.max_clips })}>
      {clips.map((pending, index) => (
        <ClipRow
          key={pending.key}
          pending={pending}
          number={index + 1}
          onDelete={() => onDelete(pending)}
        />
      ))}
      {nSurplus > 0 && <AppText>{t("calibration.surplus", { count: nSurplus })}</AppText>}
      {nMissing > 0 && <AppText muted>{t("calibration.missing", { count: nMissing })}</AppText>}
    </Card>
  );
}

type RowProps = { pending: PendingClip; number: number; onDelete: () => void };

function ClipRow({ pending, number, onDelete }: RowProps): ReactElement {
  const { t } = useTranslation();
  const { seconds, name: fileName } = pending.clip;
  const name = seconds === null ? fileName : t("units.seconds", { seconds: seconds.toFixed(1) });
  return (
    <View style={styles.row} testID="calibration-clip">
      <AppText style={styles.name}>{t("calibration.clip", { number, name })}</AppText>
      <Button
        variant="quiet"
        icon="trash"
        label={t("actions.delete")}
        accessibilityLabel={t("calibration.deleteClip", { number })}
        onPress={onDelete}
      />
    </View>
  );
}

const styles = StyleSheet.create({
  row: { flexDirection: "row", flexWrap: "wrap", alignItems: "center", gap: SPACE.s },
  name: { flex: 1 },
});
