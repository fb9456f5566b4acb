import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { formatScore } from "../i18n/format";
import type { Analysis } from "../services/server/analysisService";
import { RADIUS, SPACE, usePalette } from "../ui/theme";
import { AppText } from "../ui/AppText";

// The server's health score is piecewise linear in the anomaly score: 100 at the median of healthy
// recordings, 60 at WARNING, 30 at CRITICAL. So 100 - health puts every model's thresholds at the
// same two places.
const WARNING_AT = 40;
const CRITICAL_AT = 70;

/** The anomaly score on a scale with the thresholds of the calibration. */
export function ScoreScale({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { tones, text } = usePalette();
  const score = formatScore(analysis.anomaly_score);
  const warning = formatScore(analysis.thresholds.warning);
  const { thresholds } = analysis;
  const critical = thresholds.critical === null ? null : formatScore(thresholds.critical);
  const warningWidth = critical === null ? 100 - WARNING_AT : CRITICAL_AT - WARNING_AT;
  const label =
    critical === null
      ? t("result.scoreScaleNoCritical", { score, warning })
      : t("result.scoreScale", { score, warning, critical });
  return (
    <View role="img" aria-label={label} style={styles.scale} testID="score">
      <View style={styles.head}>
        <AppText variant="heading">{t("result.score")}</AppText>
        <AppText variant="heading" role="none">
          {score}
        </AppText>
      </View>
      <View>
        <View style={styles.track}>
          <Zone percent={WARNING_AT} color={tones.normal.ink} />
          <Zone percent={warningWidth} color={tones.warning.ink} />
          {critical !== null && <Zone percent={100 - CRITICAL_AT} color={tones.critical.ink} />}
        </View>
        <Tick at={WARNING_AT} color={tones.warning.ink} />
        {critical !== null && <Tick at={CRITICAL_AT} color={tones.critical.ink} />}
        <Marker at={100 - analysis.health_score} color={text} />
      </View>
      <View style={styles.labels}>
        <AppText variant="small" color={tones.warning.ink}>
          {t("result.warningFrom", { value: warning })}
        </AppText>
        {critical !== null && (
          <AppText variant="small" color={tones.critical.ink}>
            {t("result.criticalFrom", { value: critical })}
          </AppText>
        )}
      </View>
    </View>
  );
}

function Zone({ percent, color }: { percent: number; color: string }): ReactElement {
  return <View style={[styles.zone, { width: `${percent}%`, backgroundColor: color }]} />;
}

function Marker({ at, color }: { at: number; color: string }): ReactElement {
  return <View style={[styles.marker, { left: `${at}%`, backgroundColor: color }]} />;
}

function Tick({ at, color }: { at: number; color: string }): ReactElement {
  return <View style={[styles.tick, { left: `${at}%`, backgroundColor: color }]} />;
}

const styles = StyleSheet.create({
  scale: { gap: SPACE.s },
  head: { flexDirection: "row", justifyContent: "space-between" },
  track: { flexDirection: "row", height: 24, borderRadius: RADIUS.s, overflow: "hidden" },
  zone: { opacity: 0.35 },
  tick: { position: "absolute", width: 2, height: 24 },
  marker: { position: "absolute", width: 6, height: 34, top: -5, marginLeft: -3, borderRadius: 3 },
  labels: { flexDirection: "row", justifyContent: "space-between", flexWrap: "wrap", gap: SPACE.s },
});
