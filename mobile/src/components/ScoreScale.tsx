import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { scoreWords } from "../i18n/format";
import type { Analysis } from "../services/analysisService";
import { RADIUS, SPACE, usePalette } from "../theme";
import { Words } from "./AppText";

// The server's health is piecewise linear in the score: 100 at the median of normal, 60 at WARNING, 30 at CRITICAL.
// Its other end is a scale on which every model's thresholds stand at the same places.
const WARNING_AT = 40;
const CRITICAL_AT = 70;

export function ScoreScale({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { tones, text } = usePalette();
  const score = scoreWords(analysis.anomaly_score);
  const warning = scoreWords(analysis.thresholds.warning);
  const critical = analysis.thresholds.critical === null ? null : scoreWords(analysis.thresholds.critical);
  const warningWidth = critical === null ? 100 - WARNING_AT : CRITICAL_AT - WARNING_AT;
  const spoken =
    critical === null
      ? t("result.scoreScaleNoCritical", { score, warning })
      : t("result.scoreScale", { score, warning, critical });
  return (
    <View role="img" aria-label={spoken} style={styles.scale} testID="score">
      <View style={styles.head}>
        <Words kind="heading">{t("result.score")}</Words>
        <Words kind="heading" role="none">
          {score}
        </Words>
      </View>
      <View>
        <View style={styles.track}>
          <View style={[styles.zone, { width: `${WARNING_AT}%`, backgroundColor: tones.normal.ink }]} />
          <View style={[styles.zone, { width: `${warningWidth}%`, backgroundColor: tones.warning.ink }]} />
          {critical !== null && <View style={[styles.zone, styles.rest, { backgroundColor: tones.critical.ink }]} />}
        </View>
        <Tick at={WARNING_AT} color={tones.warning.ink} />
        {critical !== null && <Tick at={CRITICAL_AT} color={tones.critical.ink} />}
        <View style={[styles.marker, { left: `${100 - analysis.health_score}%`, backgroundColor: text }]} />
      </View>
      <View style={styles.labels}>
        <Words kind="small" color={tones.warning.ink}>
          {t("result.warningFrom", { value: warning })}
        </Words>
        {critical !== null && (
          <Words kind="small" color={tones.critical.ink}>
            {t("result.criticalFrom", { value: critical })}
          </Words>
        )}
      </View>
    </View>
  );
}

function Tick({ at, color }: { at: number; color: string }): ReactElement {
  return <View style={[styles.tick, { left: `${at}%`, backgroundColor: color }]} />;
}

const styles = StyleSheet.create({
  scale: { gap: SPACE.s },
  head: { flexDirection: "row", justifyContent: "space-between" },
  track: { flexDirection: "row", height: 24, borderRadius: RADIUS.s, overflow: "hidden" },
  zone: { opacity: 0.35 },
  rest: { flex: 1 },
  tick: { position: "absolute", width: 2, height: 24 },
  marker: { position: "absolute", width: 6, height: 34, top: -5, marginLeft: -3, borderRadius: 3 },
  labels: { flexDirection: "row", justifyContent: "space-between", flexWrap: "wrap", gap: SPACE.s },
});
