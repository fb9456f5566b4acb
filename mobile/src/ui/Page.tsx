import type { ReactElement, ReactNode } from "react";
import { ScrollView, StyleSheet } from "react-native";

import { COLUMN, SPACE } from "./theme";

/** The scrolling content between header and tabs, in one column. */
export function Page({ children }: { children: ReactNode }): ReactElement {
  return (
    <ScrollView
      style={styles.page}
      contentContainerStyle={styles.column}
      keyboardShouldPersistTaps="handled"
    >
      {children}
    </ScrollView>
  );
}

const styles = StyleSheet.create({
  page: { flex: 1 },
  column: {
    width: "100%",
    maxWidth: COLUMN,
    alignSelf: "center",
    padding: SPACE.m,
    paddingBottom: SPACE.xl,
    gap: SPACE.m,
  },
});
