import type { ReactElement } from "react";
import { Pressable, StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { RADIUS, SPACE, TOUCH, usePalette } from "./theme";

type Option<T> = { value: T; label: string; isDisabled?: boolean };
type Props<T> = {
  label: string;
  options: Option<T>[];
  value: T | null;
  onChange: (value: T) => void;
  disabled?: boolean;
};

/** A few options side by side, of which one is chosen. */
export function Segmented<T extends string | number | null>(props: Props<T>): ReactElement {
  const { label, options, value, onChange, disabled = false } = props;
  const palette = usePalette();
  return (
    <View
      role="radiogroup"
      aria-label={label}
      style={[styles.group, { backgroundColor: palette.sunken }]}
    >
      {options.map((option) => {
        const isChosen = option.value === value;
        const isDisabled = disabled || option.isDisabled;
        return (
          <Pressable
            key={option.label}
            role="radio"
            aria-label={option.label}
            aria-checked={isChosen}
            aria-disabled={isDisabled}
            disabled={isDisabled}
            onPress={() => onChange(option.value)}
            style={[
              styles.option,
              option.isDisabled && styles.unavailable,
              isChosen && { backgroundColor: palette.surface, borderColor: palette.accent },
            ]}
          >
            <AppText
              variant={isChosen ? "heading" : "body"}
              role="none"
              color={isChosen ? palette.accent : palette.muted}
            >
              {option.label}
            </AppText>
          </Pressable>
        );
      })}
    </View>
  );
}

const styles = StyleSheet.create({
  group: { flexDirection: "row", borderRadius: RADIUS.s, padding: SPACE.xs, gap: SPACE.xs },
  option: {
    flex: 1,
    minHeight: TOUCH - SPACE.s,
    borderRadius: RADIUS.s - 2,
    borderWidth: 1,
    borderColor: "transparent",
    alignItems: "center",
    justifyContent: "center",
  },
  unavailable: { opacity: 0.4 },
});
