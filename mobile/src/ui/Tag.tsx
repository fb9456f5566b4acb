import type { ReactElement } from "react";
import { StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { RADIUS, SPACE, usePalette } from "./theme";

type Props = { text: string; isStrong?: boolean };

export function Tag({ text, isStrong = false }: Props): ReactElement {
  const palette = usePalette();
  const backgroundColor = isStrong ? palette.accentSoft : palette.sunken;
  return (
    <View style={[styles.tag, { backgroundColor }]}>
      <AppText variant="small" color={isStrong ? palette.accent : palette.muted}>
        {text}
      </AppText>
    </View>
  );
}

const styles = StyleSheet.create({
  tag: {
    alignSelf: "flex-start",
    borderRadius: RADIUS.round,
    paddingHorizontal: SPACE.s + 2,
    paddingVertical: 2,
  },
});
