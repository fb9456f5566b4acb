import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";
import Svg, { Line, Path, Polyline } from "react-native-svg";

import type { Analysis, Label } from "../services/analysisService";
import { type Palette, SPACE, usePalette } from "../theme";
import { TONES } from "./VerdictBanner";
import { Words } from "./Words";

const HEIGHT = 140;
const PADDING = 12;
const THRESHOLDS = [60, 30]; // of health: where WARNING and CRITICAL begin

/** Health of the newest recordings, oldest at the left; the shape of a point tells its verdict. */
export function TrendChart({ analyses }: { analyses: Analysis[] }): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const [width, setWidth] = useState(0);
  const oldestFirst = [...analyses].reverse();
  const latest = analyses[0];
  if (!latest || analyses.length < 2) return <Words muted>{t("history.trendFew")}</Words>;

  const xOf = (index: number): number => PADDING + (index * (width - 2 * PADDING)) / (oldestFirst.length - 1);
  const points = oldestFirst.map((analysis, index) => ({
    id: analysis.id,
    label: analysis.label,
    x: xOf(index),
    y: yOf(analysis.health_score),
  }));
  return (
    <View
      role="img"
      aria-label={t("history.trendLabel", { count: analyses.length, latest: Math.round(latest.health_score) })}
      onLayout={({ nativeEvent }) => setWidth(nativeEvent.layout.width)}
      testID="trend"
    >
      <Svg width={width} height={HEIGHT}>
        {THRESHOLDS.map((health) => (
          <Line
            key={health}
            x1={0}
            x2={width}
            y1={yOf(health)}
            y2={yOf(health)}
            stroke={palette.line}
            strokeDasharray={[4, 6]}
            strokeWidth={2}
          />
        ))}
        <Polyline
          points={points.map(({ x, y }) => `${x},${y}`).join(" ")}
          stroke={palette.muted}
          strokeWidth={2}
          fill="none"
        />
        {points.map((point) => (
          <Path key={point.id} d={shapeOf(point)} fill={colorOf(palette, point.label)} />
        ))}
      </Svg>
      <View style={styles.legend}>
        {(["NORMAL", "WARNING", "CRITICAL"] as const).map((label) => (
          <View key={label} style={styles.entry}>
            <Svg width={16} height={16} aria-hidden>
              <Path d={shapeOf({ label, x: 8, y: 8 })} fill={colorOf(palette, label)} />
            </Svg>
            <Words kind="small" muted>
              {t(`verdict.${label}`)}
            </Words>
          </View>
        ))}
      </View>
    </View>
  );
}

function yOf(health: number): number {
  return PADDING + (1 - health / 100) * (HEIGHT - 2 * PADDING);
}

function colorOf(palette: Palette, label: Label): string {
  return palette.tones[TONES[label]].ink;
}

/** A disc, a triangle, a square. */
function shapeOf({ label, x, y }: { label: Label; x: number; y: number }): string {
  if (label === "NORMAL") return `M${x - 5},${y}a5,5 0 1,0 10,0a5,5 0 1,0 -10,0`;
  if (label === "WARNING") return `M${x},${y - 7}l7,12h-14z`;
  return `M${x - 6},${y - 6}h12v12h-12z`;
}

const styles = StyleSheet.create({
  legend: { flexDirection: "row", gap: SPACE.m, flexWrap: "wrap" },
  entry: { flexDirection: "row", alignItems: "center", gap: SPACE.xs },
});
