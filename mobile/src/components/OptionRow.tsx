import type { ReactElement, ReactNode } from "react";
import { Pressable, StyleSheet, View } from "react-native";

import { RADIUS, SPACE, TOUCH, usePalette } from "../theme";
import { Icon } from "./Icon";
import { Words } from "./Words";

type Props = { title: string; isSelected: boolean; onPress: () => void; testID?: string; children?: ReactNode };

/** One thing of a list that can be picked. */
export function OptionRow({ title, isSelected, onPress, testID, children }: Props): ReactElement {
  const palette = usePalette();
  const colors = { backgroundColor: palette.surface, borderColor: isSelected ? palette.accent : palette.line };
  return (
    <Pressable
      role="radio"
      aria-checked={isSelected}
      testID={testID}
      onPress={onPress}
      style={({ pressed }) => [styles.row, colors, isSelected && styles.selected, pressed && styles.pressed]}
    >
      <View style={styles.content}>
        <Words kind="heading" role="none">
          {title}
        </Words>
        {children}
      </View>
      {isSelected && <Icon name="check" color={palette.accent} />}
    </Pressable>
  );
}

const styles = StyleSheet.create({
  row: {
    minHeight: TOUCH,
    flexDirection: "row",
    alignItems: "center",
    gap: SPACE.m,
    padding: SPACE.m,
    borderRadius: RADIUS.m,
    borderWidth: 1,
    marginBottom: SPACE.s,
  },
  selected: { borderWidth: 2 },
  pressed: { opacity: 0.7 },
  content: { flex: 1, gap: SPACE.xs },
});
