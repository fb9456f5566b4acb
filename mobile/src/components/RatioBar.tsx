import type { ReactElement } from "react";
import { StyleSheet, View } from "react-native";

import { RADIUS, usePalette } from "../theme";

/** How much of the most it is, beside words that tell the number. */
export function ShareBar({ share }: { share: number }): ReactElement {
  const palette = usePalette();
  return (
    <View style={[styles.track, { backgroundColor: palette.sunken }]} aria-hidden>
      <View style={[styles.bar, { width: `${100 * share}%`, backgroundColor: palette.tones.warning.ink }]} />
    </View>
  );
}

const styles = StyleSheet.create({
  track: { height: 8, borderRadius: RADIUS.round, overflow: "hidden" },
  bar: { height: "100%", borderRadius: RADIUS.round },
});
