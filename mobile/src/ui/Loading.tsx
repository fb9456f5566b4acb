import type { ReactElement } from "react";
import { ActivityIndicator, StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { SPACE, usePalette } from "./theme";

export function Loading({ text }: { text: string }): ReactElement {
  const palette = usePalette();
  return (
    <View style={styles.loading} role="status" aria-live="polite">
      <ActivityIndicator aria-hidden color={palette.accent} />
      <AppText muted>{text}</AppText>
    </View>
  );
}

const styles = StyleSheet.create({
  loading: {
    flexDirection: "row",
    gap: SPACE.m,
    alignItems: "center",
    justifyContent: "center",
    padding: SPACE.l,
  },
});
