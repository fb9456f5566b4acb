import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";
import Svg, { Line, Polyline, Rect } from "react-native-svg";

import { formatSegmentEnds } from "../i18n/format";
import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { RADIUS, SPACE, usePalette } from "../ui/theme";

const HEIGHT = 96;
const PADDING = 8;

type Props = { analysis: Analysis; position: number | null };

/** The anomaly score over time; deviating segments are shaded, a line marks the playback. */
export function Timeline({ analysis, position }: Props): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const [width, setWidth] = useState(0);
  const { curve, segments } = analysis.explanation;
  const toX = (second: number): number => (width * second) / analysis.quality.duration_s;
  const texts = segments.map((segment) => t("result.segment", formatSegmentEnds(segment)));
  const segmentsText = texts.join(", ") || t("result.nothing");
  return (
    <View style={styles.line}>
      <View
        role="img"
        aria-label={t("result.segmentsLabel", { segments: segmentsText })}
        onLayout={({ nativeEvent }) => setWidth(nativeEvent.layout.width)}
        style={[styles.frame, { backgroundColor: palette.sunken }]}
      >
        <Svg width={width} height={HEIGHT}>
          {segments.map(({ start_s, end_s }) => (
            <Rect
              key={start_s}
              x={toX(start_s)}
              width={Math.max(2, toX(end_s) - toX(start_s))}
              height={HEIGHT}
              fill={palette.tones.warning.soft}
              stroke={palette.tones.warning.ink}
            />
          ))}
          {curve && (
            <Polyline
              points={toPoints(curve.values, (index) => toX(curve.start_s + index * curve.step_s))}
              stroke={palette.accent}
              strokeWidth={2}
              fill="none"
            />
          )}
          {position !== null && (
            <Line
              x1={toX(position)}
              x2={toX(position)}
              y1={0}
              y2={HEIGHT}
              stroke={palette.text}
              strokeWidth={2}
            />
          )}
        </Svg>
      </View>
      <View style={styles.ends}>
        {[0, analysis.quality.duration_s].map((second) => (
          <AppText key={second} variant="small" muted>
            {t("units.seconds", { seconds: second.toFixed(second ? 1 : 0) })}
          </AppText>
        ))}
      </View>
    </View>
  );
}

function toPoints(values: number[], toX: (index: number) => number): string {
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const toY = (value: number): string => {
    const fraction = (value - low) / range;
    return (HEIGHT - PADDING - fraction * (HEIGHT - 2 * PADDING)).toFixed(1);
  };
  return values.map((value, index) => `${toX(index).toFixed(1)},${toY(value)}`).join(" ");
}

const styles = StyleSheet.create({
  line: { gap: SPACE.xs },
  frame: { borderRadius: RADIUS.s, overflow: "hidden", height: HEIGHT },
  ends: { flexDirection: "row", justifyContent: "space-between" },
});
