import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { RADIUS, usePalette } from "../ui/theme";

type Props = { fraction: number; seconds: number | null };

export function UploadProgress({ fraction, seconds }: Props): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const percent = Math.round(100 * fraction);
  return (
    <Card testID="progress">
      {seconds !== null && (
        <AppText muted>{t("diagnose.recorded", { seconds: seconds.toFixed(1) })}</AppText>
      )}
      <AppText variant="heading" role="status" aria-live="polite">
        {percent < 100 ? t("diagnose.sendingPercent", { percent }) : t("diagnose.judging")}
      </AppText>
      <View
        role="progressbar"
        aria-label={t("diagnose.sending")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        style={[styles.track, { backgroundColor: palette.sunken }]}
      >
        <View style={[styles.bar, { width: `${percent}%`, backgroundColor: palette.accent }]} />
      </View>
    </Card>
  );
}

const styles = StyleSheet.create({
  track: { height: 14, borderRadius: RADIUS.round, overflow: "hidden" },
  bar: { height: "100%" },
});
