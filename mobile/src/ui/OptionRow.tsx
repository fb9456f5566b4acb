import type { ReactElement, ReactNode } from "react";
import { Pressable, StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { Icon } from "./Icon";
import { RADIUS, SPACE, TOUCH, usePalette } from "./theme";

type Props = {
  title: string;
  isSelected: boolean;
  disabled?: boolean; // listed although it cannot be chosen
  onPress: () => void;
  testID?: string;
  children?: ReactNode;
};

/** One option of a list to choose from. */
export function OptionRow({
  title,
  isSelected,
  disabled = false,
  onPress,
  testID,
  children,
}: Props): ReactElement {
  const palette = usePalette();
  const backgroundColor = disabled ? palette.sunken : palette.surface;
  const colors = { backgroundColor, borderColor: isSelected ? palette.accent : palette.line };
  return (
    <Pressable
      role="radio"
      aria-checked={isSelected}
      aria-disabled={disabled}
      disabled={disabled}
      testID={testID}
      onPress={onPress}
      style={({ pressed }) => [
        styles.row,
        colors,
        isSelected && styles.selected,
        pressed && styles.pressed,
      ]}
    >
      <View style={styles.content}>
        <AppText variant="heading" role="none" muted={disabled}>
          {title}
        </AppText>
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
