import type { ReactElement } from "react";
import { Pressable, StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { SPACE, TOUCH, usePalette } from "./theme";

type Props = {
  label: string;
  value: string;
  why: string;
  action: string;
  disabled?: boolean;
  onPress: () => void;
};

/** What was chosen for a person, in one quiet line; pressing it opens the list to choose from. */
export function FoldedChoice({
  label,
  value,
  why,
  action,
  disabled = false,
  onPress,
}: Props): ReactElement {
  const { accent } = usePalette();
  return (
    <Pressable
      role="button"
      testID="choice"
      aria-label={`${label}: ${value}`}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      style={({ pressed }) => [styles.row, (pressed || disabled) && styles.dim]}
    >
      <View style={styles.text}>
        <AppText variant="small" muted>
          {`${value} · ${why}`}
        </AppText>
      </View>
      <AppText variant="small" color={accent}>
        {action}
      </AppText>
    </Pressable>
  );
}

const styles = StyleSheet.create({
  row: {
    minHeight: TOUCH,
    flexDirection: "row",
    alignItems: "center",
    gap: SPACE.m,
    paddingHorizontal: SPACE.m,
  },
  text: { flex: 1 },
  dim: { opacity: 0.6 },
});
