import type { ReactElement } from "react";
import { ActivityIndicator, StyleSheet, View } from "react-native";

import { SPACE, usePalette } from "../theme";
import { Words } from "./AppText";

export function Waiting({ text }: { text: string }): ReactElement {
  const palette = usePalette();
  return (
    <View style={styles.waiting} role="status" aria-live="polite">
      <ActivityIndicator color={palette.accent} />
      <Words muted>{text}</Words>
    </View>
  );
}

const styles = StyleSheet.create({
  waiting: { flexDirection: "row", gap: SPACE.m, alignItems: "center", justifyContent: "center", padding: SPACE.l },
});
