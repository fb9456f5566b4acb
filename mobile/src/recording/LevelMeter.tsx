import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { AppText } from "../ui/AppText";
import { RADIUS, SPACE, usePalette } from "../ui/theme";

const FLOOR_DBFS = -80;
const LOUD_DBFS = -6;

type Props = {
  levelDbfs: number;
  quietDbfs?: number | undefined; // below it the server warns
};

/** The level at the microphone, as a bar and in words. */
export function LevelMeter({ levelDbfs, quietDbfs = -Infinity }: Props): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const { tone, key } = rateLevel(levelDbfs, quietDbfs);
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

type Rating = {
  tone: "normal" | "warning";
  key: "levelQuiet" | "levelGood" | "levelLoud";
};

function rateLevel(levelDbfs: number, quietDbfs: number): Rating {
  if (levelDbfs < quietDbfs) return { tone: "warning", key: "levelQuiet" };
  if (levelDbfs > LOUD_DBFS) return { tone: "warning", key: "levelLoud" };
  return { tone: "normal", key: "levelGood" };
}

const styles = StyleSheet.create({
  meter: { gap: SPACE.xs, width: "100%" },
  track: { height: 14, borderRadius: RADIUS.round, overflow: "hidden" },
  bar: { height: "100%", borderRadius: RADIUS.round },
  words: { flexDirection: "row", justifyContent: "space-between" },
});
