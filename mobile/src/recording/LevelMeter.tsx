import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { RADIUS, SPACE, usePalette } from "../ui/theme";
import { AppText } from "../ui/AppText";

const FLOOR_DBFS = -80;
const QUIET_DBFS = -66; // the server warns below this level
const LOUD_DBFS = -6;

/** The level at the microphone, as a bar and in words. */
export function LevelMeter({ levelDbfs }: { levelDbfs: number }): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const { tone, key } = rateLevel(levelDbfs);
  const percent = Math.max(0, Math.min(100, 100 * (1 - levelDbfs / FLOOR_DBFS)));
  const ink = palette.tones[tone].ink;
  return (
    <View style={styles.meter} testID="level">
      <View
        role="meter"
        aria-label={t("diagnose.level")}
        aria-valuemin={FLOOR_DBFS}
        aria-valuemax={0}
        aria-valuenow={Math.round(levelDbfs)}
        style={[styles.track, { backgroundColor: palette.sunken }]}
      >
        <View style={[styles.bar, { width: `${percent}%`, backgroundColor: ink }]} />
      </View>
      <View style={styles.words}>
        <AppText variant="small" color={ink}>
          {t(`diagnose.${key}`)}
        </AppText>
        <AppText variant="small" muted>
          {t("diagnose.levelValue", { level: Math.round(levelDbfs) })}
        </AppText>
      </View>
    </View>
  );
}

function rateLevel(levelDbfs: number): {
  tone: "normal" | "warning";
  key: "levelQuiet" | "levelGood" | "levelLoud";
} {
  if (levelDbfs < QUIET_DBFS) return { tone: "warning", key: "levelQuiet" };
  if (levelDbfs > LOUD_DBFS) return { tone: "warning", key: "levelLoud" };
  return { tone: "normal", key: "levelGood" };
}

const styles = StyleSheet.create({
  meter: { gap: SPACE.xs, width: "100%" },
  track: { height: 14, borderRadius: RADIUS.round, overflow: "hidden" },
  bar: { height: "100%", borderRadius: RADIUS.round },
  words: { flexDirection: "row", justifyContent: "space-between" },
});
