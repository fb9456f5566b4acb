import type { ReactElement } from "react";
import { Pressable, StyleSheet, View } from "react-native";
import Svg, { Circle } from "react-native-svg";

import { Icon } from "../ui/Icon";
import { usePalette } from "../ui/theme";

const SIZE = 148;
const STROKE = 8;
const RADIUS = (SIZE - STROKE) / 2;
const LENGTH = 2 * Math.PI * RADIUS;

type Props = {
  label: string;
  isRecording: boolean;
  fraction: number;
  disabled: boolean;
  isWaiting: boolean; // pressing does nothing yet, but it keeps the focus
  onPress: () => void;
};

/** A button large enough for gloves; its ring shows the progress of the recording. */
export function RecordButton(props: Props): ReactElement {
  const { label, isRecording, fraction, disabled, isWaiting, onPress } = props;
  const palette = usePalette();
  const color = isRecording ? palette.tones.critical.ink : palette.accent;
  return (
    <Pressable
      role="button"
      testID="record"
      aria-label={label}
      aria-disabled={disabled || isWaiting}
      disabled={disabled}
      onPress={isWaiting ? undefined : onPress}
      style={({ pressed }) => [
        styles.button,
        pressed && styles.pressed,
        (disabled || isWaiting) && styles.unavailable,
      ]}
    >
      <Svg width={SIZE} height={SIZE} style={styles.ring} aria-hidden>
        <Circle
          cx={SIZE / 2}
          cy={SIZE / 2}
          r={RADIUS}
          stroke={palette.sunken}
          strokeWidth={STROKE}
          fill="none"
        />
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
  button: {
    width: SIZE,
    height: SIZE,
    borderRadius: SIZE,
    alignItems: "center",
    justifyContent: "center",
  },
  pressed: { opacity: 0.75 },
  unavailable: { opacity: 0.4 },
  ring: { position: "absolute" },
  core: {
    width: SIZE - 4 * STROKE,
    height: SIZE - 4 * STROKE,
    borderRadius: SIZE,
    alignItems: "center",
    justifyContent: "center",
  },
});
