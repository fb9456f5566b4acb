import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { MAX_CLIPS, MIN_CLIPS, type PendingClip } from "./useDeviceCalibration";
import { SPACE } from "../ui/theme";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";

type Props = { clips: PendingClip[]; onDelete: (clip: PendingClip) => void };

/** The recordings so far, with the numbers that the server uses for them. */
export function ClipList({ clips, onDelete }: Props): ReactElement {
  const { t } = useTranslation();
  const nMissing = MIN_CLIPS - clips.length;
  return (
    <Card title={t("calibration.clips", { count: clips.length, max: MAX_CLIPS })}>
      {clips.map((pending, index) => (
        <ClipRow
          key={pending.key}
          pending={pending}
          number={index + 1}
          onDelete={() => onDelete(pending)}
        />
      ))}
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
