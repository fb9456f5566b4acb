import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { formatScore } from "../i18n/format";
import { useCapabilities } from "../queries/useCapabilities";
import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { RADIUS, SPACE, usePalette } from "../ui/theme";

// 100 - health: 0 at the median of healthy recordings, and for every model the same two places at
// which WARNING and CRITICAL begin.
function useSteps(): { warningAt: number; criticalAt: number } | null {
  const verdict = useCapabilities()?.verdict;
  if (!verdict) return null;
  const { health_at_warning, health_at_critical } = verdict;
  return { warningAt: 100 - health_at_warning, criticalAt: 100 - health_at_critical };
}

/** The anomaly score on a scale with the thresholds of the calibration. */
export function ScoreScale({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { tones } = usePalette();
  const score = formatScore(analysis.anomaly_score);
  const warning = formatScore(analysis.thresholds.warning);
  const { thresholds } = analysis;
  const critical = thresholds.critical === null ? null : formatScore(thresholds.critical);
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
      <Track analysis={analysis} />
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

/** Where the score lies between the thresholds. */
function Track({ analysis }: { analysis: Analysis }): ReactElement | null {
  const { tones, text } = usePalette();
  const steps = useSteps();
  if (!steps) return null;
  const { warningAt, criticalAt } = steps;
  const hasCritical = analysis.thresholds.critical !== null;
  return (
    <View>
      <View style={styles.track}>
        <Zone percent={warningAt} color={tones.normal.ink} />
        <Zone percent={(hasCritical ? criticalAt : 100) - warningAt} color={tones.warning.ink} />
        {hasCritical && <Zone percent={100 - criticalAt} color={tones.critical.ink} />}
      </View>
      <Tick at={warningAt} color={tones.warning.ink} />
      {hasCritical && <Tick at={criticalAt} color={tones.critical.ink} />}
      <Marker at={100 - analysis.health_score} color={text} />
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
