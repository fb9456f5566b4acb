import type { ReactElement } from "react";
import { Pressable, StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { Icon, type IconName } from "./Icon";
import { RADIUS, SPACE, TOUCH, usePalette } from "./theme";

type Props = {
  icon: IconName;
  label: string;
  value: string;
  isMissing?: boolean;
  disabled?: boolean;
  onPress: () => void;
};

/** What is chosen; pressing it opens the list to choose from. */
export function ChoiceRow({
  icon,
  label,
  value,
  isMissing = false,
  disabled = false,
  onPress,
}: Props): ReactElement {
  const palette = usePalette();
  const borderColor = isMissing ? palette.accent : palette.line;
  const colors = { backgroundColor: palette.surface, borderColor };
  return (
    <Pressable
      role="button"
      testID="choice"
      aria-label={`${label}: ${value}`}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      style={({ pressed }) => [styles.row, colors, (pressed || disabled) && styles.dim]}
    >
      <Icon name={icon} color={palette.accent} />
      <View style={styles.text}>
        <AppText variant="small" muted>
          {label}
        </AppText>
        <AppText variant="heading" role="none" color={isMissing ? palette.accent : undefined}>
          {value}
        </AppText>
      </View>
      <Icon name="right" color={palette.muted} />
    </Pressable>
  );
}

const styles = StyleSheet.create({
  row: {
    minHeight: TOUCH + SPACE.m,
    flexDirection: "row",
    alignItems: "center",
    gap: SPACE.s,
    paddingHorizontal: SPACE.m,
    paddingVertical: SPACE.s,
    borderRadius: RADIUS.m,
    borderWidth: 1,
  },
  text: { flex: 1 },
  dim: { opacity: 0.6 },
});
