import type { ReactElement } from "react";
import { Pressable, ScrollView, StyleSheet } from "react-native";

import { AppText } from "./AppText";
import { RADIUS, SPACE, TOUCH, usePalette } from "./theme";

type Chip = { value: string | null; label: string };
type Props = {
  label: string;
  chips: Chip[];
  value: string | null;
  onChange: (value: string | null) => void;
  wraps?: boolean; // to as many lines as are needed, in place of scrolling
};

/** A row of filters, of which one is active. */
export function FilterChips(props: Props): ReactElement {
  const { label, chips, value, onChange, wraps = false } = props;
  const palette = usePalette();
  return (
    <ScrollView
      horizontal={!wraps}
      showsHorizontalScrollIndicator={false}
      style={styles.bar}
      contentContainerStyle={[styles.chips, wraps && styles.wrapping]}
      role="radiogroup"
      aria-label={label}
    >
      {chips.map((chip) => {
        const isChosen = chip.value === value;
        const colors = isChosen
          ? { backgroundColor: palette.accent, borderColor: palette.accent }
          : { backgroundColor: palette.surface, borderColor: palette.line };
        return (
          <Pressable
            key={chip.value ?? ""}
            role="radio"
            aria-label={chip.label}
            aria-checked={isChosen}
            onPress={() => onChange(chip.value)}
            style={[styles.chip, colors]}
          >
            <AppText color={isChosen ? palette.onAccent : palette.text}>{chip.label}</AppText>
          </Pressable>
        );
      })}
    </ScrollView>
  );
}

const styles = StyleSheet.create({
  bar: { flexGrow: 0 },
  chips: { gap: SPACE.s },
  wrapping: { flexDirection: "row", flexWrap: "wrap" },
  chip: {
    minHeight: TOUCH - SPACE.s,
    justifyContent: "center",
    paddingHorizontal: SPACE.m,
    borderRadius: RADIUS.round,
    borderWidth: 1,
  },
});
