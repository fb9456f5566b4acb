import type { ReactElement, ReactNode } from "react";
import { StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";

import { useIsWide } from "./layout";
import { COLUMN, SPACE } from "./theme";

/** A column as high as the screen, for a list that scrolls by itself; twice as wide on a tablet. */
export function Column({ children }: { children: ReactNode }): ReactElement {
  const { bottom, left, right } = useSafeAreaInsets();
  const isWide = useIsWide();
  const insets = { paddingBottom: bottom, marginLeft: left, marginRight: right };
  return (
    <View role="main" style={[styles.column, isWide && styles.wide, insets]}>
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
  wide: { maxWidth: 2 * COLUMN },
});
