import type { ReactElement, ReactNode } from "react";
import { StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { RADIUS, SPACE, usePalette } from "./theme";

type Props = { title?: string; children: ReactNode; testID?: string };

export function Card({ title, children, testID }: Props): ReactElement {
  const palette = usePalette();
  const colors = { backgroundColor: palette.surface, borderColor: palette.line };
  return (
    <View style={[styles.card, colors]} testID={testID}>
      {title && <AppText variant="heading">{title}</AppText>}
      {children}
    </View>
  );
}

const styles = StyleSheet.create({
  card: { borderRadius: RADIUS.m, borderWidth: 1, padding: SPACE.m, gap: SPACE.m },
});
