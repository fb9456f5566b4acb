import type { ReactElement, ReactNode } from "react";
import { ScrollView, StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";

import { useIsWide } from "./layout";
import { COLUMN, SPACE } from "./theme";

type Props = {
  children: ReactNode;
  aside?: ReactNode; // beside the rest where there is room for two columns, else below it
};

/** The scrolling content of a screen. */
export function Page({ children, aside }: Props): ReactElement {
  const { bottom, left, right } = useSafeAreaInsets();
  const isWide = useIsWide();
  const insets = { paddingBottom: SPACE.xl + bottom, paddingLeft: left, paddingRight: right };
  const hasTwoColumns = isWide && !!aside;
  return (
    <ScrollView
      role="main"
      tabIndex={0} // so that the keyboard scrolls it
      style={styles.page}
      contentContainerStyle={[styles.content, insets, hasTwoColumns && styles.columns]}
      keyboardShouldPersistTaps="handled"
      automaticallyAdjustKeyboardInsets // on iOS, so that the keyboard covers no button
    >
      <View style={[styles.column, hasTwoColumns && styles.half]}>{children}</View>
      {aside && <View style={[styles.column, hasTwoColumns && styles.half]}>{aside}</View>}
    </ScrollView>
  );
}

const styles = StyleSheet.create({
  page: { flex: 1 },
  content: { alignItems: "center", paddingTop: SPACE.m, gap: SPACE.m },
  columns: { flexDirection: "row", alignItems: "flex-start", justifyContent: "center", gap: 0 },
  column: { width: "100%", maxWidth: COLUMN, paddingHorizontal: SPACE.m, gap: SPACE.m },
  half: { flex: 1 },
});
