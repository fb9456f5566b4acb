import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";
import Svg, { Line, Path, Polyline } from "react-native-svg";

import { formatDate } from "../i18n/format";
import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { SPACE, usePalette } from "../ui/theme";
import { getMarkerColor, getMarkerPath } from "./trendMarker";
import { useHealthSteps } from "./useHealthSteps";

const HEIGHT = 140;
const PADDING = 12;

type Props = { name: string; analyses: [Analysis, ...Analysis[]] };

/** Health by one model over time, oldest recording first; the shape of a point is its verdict. */
export function TrendChart({ name, analyses }: Props): ReactElement {
  const { t } = useTranslation();
  const [latest] = analyses;
  const oldest = analyses.at(-1) ?? latest;
  const isLine = analyses.length > 1;
  return (
    <View style={styles.chart}>
      <AppText>{name}</AppText>
      {isLine ? (
        <Curve name={name} analyses={analyses} />
      ) : (
        <AppText muted>{t("history.trendFew")}</AppText>
      )}
      {isLine && (
        <View style={styles.ends}>
          {[oldest, latest].map((analysis) => (
            <AppText key={analysis.id} variant="small" muted>
              {formatDate(analysis.recorded_at ?? analysis.created_at)}
            </AppText>
          ))}
        </View>
      )}
    </View>
  );
}

function Curve({ name, analyses }: Props): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const [width, setWidth] = useState(0);
  const steps = useHealthSteps();
  const oldestFirst = [...analyses].reverse();
  const latest = Math.round(analyses[0].health_score);
  const step = (width - 2 * PADDING) / (oldestFirst.length - 1);
  const points = oldestFirst.map((analysis, index) => ({
    id: analysis.id,
    label: analysis.label,
    x: PADDING + index * step,
    y: toY(analysis.health_score),
  }));
  return (
    <View
      role="img"
      aria-label={t("history.trendLabel", { name, count: analyses.length, latest })}
      onLayout={({ nativeEvent }) => setWidth(nativeEvent.layout.width)}
      testID="trend"
    >
      <Svg width={width} height={HEIGHT}>
        {steps.map((health) => (
          <Line
            key={health}
            x1={0}
            x2={width}
            y1={toY(health)}
            y2={toY(health)}
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
          <Path
            key={point.id}
            d={getMarkerPath(point)}
            fill={getMarkerColor(palette, point.label)}
          />
        ))}
      </Svg>
    </View>
  );
}

function toY(health: number): number {
  return PADDING + (1 - health / 100) * (HEIGHT - 2 * PADDING);
}

const styles = StyleSheet.create({
  chart: { gap: SPACE.xs },
  ends: {
    flexDirection: "row",
    flexWrap: "wrap",
    justifyContent: "space-between",
    columnGap: SPACE.m,
  },
});
