import type { ReactElement } from "react";
import { Pressable, StyleSheet, type ViewStyle } from "react-native";

import { type Palette, RADIUS, SPACE, TOUCH, usePalette } from "../theme";
import { Icon, type IconName } from "./Icon";
import { Words } from "./AppText";

type Kind = "primary" | "secondary" | "quiet" | "danger";

type Props = {
  label: string;
  onPress: () => void;
  kind?: Kind;
  icon?: IconName;
  disabled?: boolean;
  selected?: boolean; // one of several, and this is the one
  spokenLabel?: string; // where the label says too little by itself
};

export function Button(props: Props): ReactElement {
  const { label, onPress, kind = "secondary", icon, disabled = false, selected, spokenLabel } = props;
  const palette = usePalette();
  const { ink, style } = looks(palette, selected ? "primary" : kind);
  return (
    <Pressable
      role={selected === undefined ? "button" : "radio"}
      aria-checked={selected}
      aria-label={spokenLabel ?? label}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      style={({ pressed }) => [styles.button, style, (pressed || disabled) && { opacity: pressed ? 0.75 : 0.45 }]}
    >
      {icon && <Icon name={icon} color={ink} size={22} />}
      <Words kind="heading" role="none" color={ink} style={styles.label}>
        {label}
      </Words>
    </Pressable>
  );
}

function looks(palette: Palette, kind: Kind): { ink: string; style: ViewStyle } {
  const { accent, onAccent, surface, line, tones } = palette;
  const colors: Record<Kind, { ink: string; fill: string; border: string }> = {
    primary: { ink: onAccent, fill: accent, border: accent },
    secondary: { ink: accent, fill: surface, border: line },
    quiet: { ink: accent, fill: "transparent", border: "transparent" },
    danger: { ink: tones.critical.ink, fill: surface, border: line },
  };
  const { ink, fill, border } = colors[kind];
  return { ink, style: { backgroundColor: fill, borderColor: border } };
}

const styles = StyleSheet.create({
  button: {
    minHeight: TOUCH,
    minWidth: TOUCH,
    maxWidth: "100%", // in a row that wraps it would be as wide as its words
    paddingHorizontal: SPACE.m,
    paddingVertical: SPACE.s,
    borderRadius: RADIUS.s,
    borderWidth: 1,
    flexDirection: "row",
    alignItems: "center",
    justifyContent: "center",
    gap: SPACE.s,
  },
  label: { textAlign: "center", flexShrink: 1 },
});
