import type { ReactElement, ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";

import { COLUMN, SPACE } from "./theme";

/** A column as high as the screen, for a list that scrolls by itself. */
export function Column({ children }: { children: ReactNode }): ReactElement {
  const { bottom, left, right } = useSafeAreaInsets();
  const insets = { paddingBottom: bottom, marginLeft: left, marginRight: right };
  return (
    <View role="main" style={[styles.column, insets]}>
      {children}
    </View>
  );
}

const styles = StyleSheet.create({
  column: {
    flex: 1,
    width: "100%",
    maxWidth: COLUMN,
    alignSelf: "center",
    paddingHorizontal: SPACE.m,
    paddingTop: SPACE.m,
    gap: SPACE.m,
  },
});
