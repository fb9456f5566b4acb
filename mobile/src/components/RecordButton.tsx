import type { ReactElement } from "react";
import { Pressable, StyleSheet, View } from "react-native";
import Svg, { Circle } from "react-native-svg";

import { usePalette } from "../theme";
import { Icon } from "./Icon";

const SIZE = 148;
const STROKE = 8;
const RADIUS = (SIZE - STROKE) / 2;
const LENGTH = 2 * Math.PI * RADIUS;

type Props = {
  label: string;
  isRecording: boolean;
  fraction: number;
  disabled: boolean;
  isWaiting: boolean; // it keeps the focus, and does nothing yet
  onPress: () => void;
};

/** The one large button: hit it with a glove. Its ring fills as the recording grows. */
export function RecordButton({ label, isRecording, fraction, disabled, isWaiting, onPress }: Props): ReactElement {
  const palette = usePalette();
  const color = isRecording ? palette.tones.critical.ink : palette.accent;
  return (
    <Pressable
      role="button"
      aria-label={label}
      aria-disabled={disabled || isWaiting}
      disabled={disabled}
      onPress={isWaiting ? undefined : onPress}
      style={({ pressed }) => [styles.button, { opacity: disabled || isWaiting ? 0.4 : pressed ? 0.75 : 1 }]}
    >
      <Svg width={SIZE} height={SIZE} style={styles.ring} aria-hidden>
        <Circle cx={SIZE / 2} cy={SIZE / 2} r={RADIUS} stroke={palette.sunken} strokeWidth={STROKE} fill="none" />
        <Circle
          cx={SIZE / 2}
          cy={SIZE / 2}
          r={RADIUS}
          stroke={color}
          strokeWidth={STROKE}
          strokeLinecap="round"
          fill="none"
          strokeDasharray={[LENGTH, LENGTH]}
          strokeDashoffset={LENGTH * (1 - fraction)}
          transform={`rotate(-90 ${SIZE / 2} ${SIZE / 2})`}
        />
      </Svg>
      <View style={[styles.core, { backgroundColor: color }]}>
        <Icon name={isRecording ? "stop" : "mic"} color={palette.onAccent} size={52} />
      </View>
    </Pressable>
  );
}

const styles = StyleSheet.create({
  button: { width: SIZE, height: SIZE, borderRadius: SIZE, alignItems: "center", justifyContent: "center" },
  ring: { position: "absolute" },
  core: {
    width: SIZE - 4 * STROKE,
    height: SIZE - 4 * STROKE,
    borderRadius: SIZE,
    alignItems: "center",
    justifyContent: "center",
  },
});
