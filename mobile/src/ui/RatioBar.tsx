import type { ReactElement } from "react";
import { StyleSheet, View } from "react-native";

import { RADIUS, usePalette } from "./theme";

/** A bar that shows a value as a fraction of the largest, beside text with the number. */
export function RatioBar({ ratio }: { ratio: number }): ReactElement {
  const palette = usePalette();
  const backgroundColor = palette.tones.warning.ink;
  return (
    <View style={[styles.track, { backgroundColor: palette.sunken }]} aria-hidden>
      <View style={[styles.bar, { width: `${100 * ratio}%`, backgroundColor }]} />
    </View>
  );
}

const styles = StyleSheet.create({
  track: { height: 8, borderRadius: RADIUS.round, overflow: "hidden" },
  bar: { height: "100%", borderRadius: RADIUS.round },
});
