import type { ReactElement } from "react";
import { Pressable, StyleSheet, type ViewStyle } from "react-native";

import { AppText } from "./AppText";
import { Icon, type IconName } from "./Icon";
import { type Palette, RADIUS, SPACE, TOUCH, usePalette } from "./theme";

type Variant = "primary" | "secondary" | "quiet" | "danger";

type Props = {
  label: string;
  onPress: () => void;
  variant?: Variant;
  icon?: IconName;
  disabled?: boolean;
  selected?: boolean; // set: the button is one option of a group
  accessibilityLabel?: string; // for screen readers, where the label alone is unclear
};

export function Button({
  label,
  onPress,
  variant = "secondary",
  icon,
  disabled = false,
  selected,
  accessibilityLabel,
}: Props): ReactElement {
  const palette = usePalette();
  const { ink, style } = getColors(palette, selected ? "primary" : variant);
  return (
    <Pressable
      role={selected === undefined ? "button" : "radio"}
      aria-checked={selected}
      aria-label={accessibilityLabel ?? label}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      style={({ pressed }) => [
        styles.button,
        style,
        disabled && styles.disabled,
        pressed && styles.pressed,
      ]}
    >
      {icon && <Icon name={icon} color={ink} size={22} />}
      <AppText variant="heading" role="none" color={ink} style={styles.label}>
        {label}
      </AppText>
    </Pressable>
  );
}

function getColors(palette: Palette, variant: Variant): { ink: string; style: ViewStyle } {
  const { accent, onAccent, surface, line, tones } = palette;
  const colors: Record<Variant, { ink: string; fill: string; border: string }> = {
    primary: { ink: onAccent, fill: accent, border: accent },
    secondary: { ink: accent, fill: surface, border: line },
    quiet: { ink: accent, fill: "transparent", border: "transparent" },
    danger: { ink: tones.critical.ink, fill: surface, border: line },
  };
  const { ink, fill, border } = colors[variant];
  return { ink, style: { backgroundColor: fill, borderColor: border } };
}

const styles = StyleSheet.create({
  button: {
    minHeight: TOUCH,
    minWidth: TOUCH,
    maxWidth: "100%", // otherwise long labels would overflow rows that wrap
    paddingHorizontal: SPACE.m,
    paddingVertical: SPACE.s,
    borderRadius: RADIUS.s,
    borderWidth: 1,
    flexDirection: "row",
    alignItems: "center",
    justifyContent: "center",
    gap: SPACE.s,
  },
  disabled: { opacity: 0.45 },
  pressed: { opacity: 0.75 },
  label: { textAlign: "center", flexShrink: 1 },
});
