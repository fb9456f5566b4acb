import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";
import Svg, { Line, Polyline, Rect } from "react-native-svg";

import { momentTimes } from "../i18n/format";
import type { Analysis } from "../services/analysisService";
import { RADIUS, SPACE, usePalette } from "../theme";
import { Words } from "./AppText";

const HEIGHT = 96;
const PADDING = 8;

type Props = { analysis: Analysis; position: number | null };

/** How unusual each moment was; shaded where that is more than normal, a line where one is listening. */
export function Timeline({ analysis, position }: Props): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const [width, setWidth] = useState(0);
  const { curve, segments } = analysis.explanation;
  const atSecond = (second: number): number => (width * second) / analysis.quality.duration_s;
  const names = segments.map((segment) => t("result.moment", momentTimes(segment)));
  return (
    <View style={styles.line}>
      <View
        role="img"
        aria-label={t("result.momentsLabel", { segments: names.join(", ") || t("result.nothing") })}
        onLayout={({ nativeEvent }) => setWidth(nativeEvent.layout.width)}
        style={[styles.frame, { backgroundColor: palette.sunken }]}
      >
        <Svg width={width} height={HEIGHT}>
          {segments.map(({ start_s, end_s }) => (
            <Rect
              key={start_s}
              x={atSecond(start_s)}
              width={Math.max(2, atSecond(end_s) - atSecond(start_s))}
              height={HEIGHT}
              fill={palette.tones.warning.soft}
              stroke={palette.tones.warning.ink}
            />
          ))}
          <Polyline
            points={pointsOf(curve.values, (index) => atSecond(curve.start_s + index * curve.step_s))}
            stroke={palette.accent}
            strokeWidth={2}
            fill="none"
          />
          {position !== null && (
            <Line
              x1={atSecond(position)}
              x2={atSecond(position)}
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
          <Words key={second} kind="small" muted>
            {t("diagnose.seconds", { seconds: second.toFixed(second ? 1 : 0) })}
          </Words>
        ))}
      </View>
    </View>
  );
}

function pointsOf(values: number[], xOf: (index: number) => number): string {
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const yOf = (value: number): number => HEIGHT - PADDING - ((value - low) / range) * (HEIGHT - 2 * PADDING);
  return values.map((value, index) => `${xOf(index).toFixed(1)},${yOf(value).toFixed(1)}`).join(" ");
}

const styles = StyleSheet.create({
  line: { gap: SPACE.xs },
  frame: { borderRadius: RADIUS.s, overflow: "hidden", height: HEIGHT },
  ends: { flexDirection: "row", justifyContent: "space-between" },
});
