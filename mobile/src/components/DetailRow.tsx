import type { ReactElement } from "react";
import { StyleSheet, View } from "react-native";

import { SPACE } from "../theme";
import { Words } from "./AppText";

type Props = { label: string; value: string; hint?: string };

/** One line of a list of facts. */
export function Fact({ label, value, hint }: Props): ReactElement {
  return (
    <View style={styles.fact}>
      <View style={styles.line}>
        <Words muted>{label}</Words>
        <Words style={styles.value}>{value}</Words>
      </View>
      {hint && (
        <Words kind="small" muted>
          {hint}
        </Words>
      )}
    </View>
  );
}

const styles = StyleSheet.create({
  fact: { gap: SPACE.xs },
  line: { flexDirection: "row", flexWrap: "wrap", justifyContent: "space-between", columnGap: SPACE.m },
  value: { minWidth: 0, flexShrink: 1, textAlign: "right" },
});
