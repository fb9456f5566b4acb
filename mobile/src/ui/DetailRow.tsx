import type { ReactElement } from "react";
import { StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { SPACE } from "./theme";

type Props = { label: string; value: string; hint?: string };

/** A label and its value. */
export function DetailRow({ label, value, hint }: Props): ReactElement {
  return (
    <View style={styles.fact}>
      <View style={styles.line}>
        <AppText muted>{label}</AppText>
        <AppText style={styles.value}>{value}</AppText>
      </View>
      {hint && (
        <AppText variant="small" muted>
          {hint}
        </AppText>
      )}
    </View>
  );
}

const styles = StyleSheet.create({
  fact: { gap: SPACE.xs },
  line: {
    flexDirection: "row",
    flexWrap: "wrap",
    justifyContent: "space-between",
    columnGap: SPACE.m,
  },
  value: { minWidth: 0, flexShrink: 1, textAlign: "right" },
});
