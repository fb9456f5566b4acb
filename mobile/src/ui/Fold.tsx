import { type ReactElement, type ReactNode, useState } from "react";
import { Pressable, StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { Icon } from "./Icon";
import { RADIUS, SPACE, TOUCH, usePalette } from "./theme";

type Props = { title: string; children: ReactNode; testID?: string };

/** Details that are shown on demand. */
export function Fold({ title, children, testID }: Props): ReactElement {
  const palette = usePalette();
  const [isOpen, setIsOpen] = useState(false);
  const colors = { backgroundColor: palette.surface, borderColor: palette.line };
  return (
    <>
      <Pressable
        role="button"
        aria-expanded={isOpen}
        accessibilityState={{ expanded: isOpen }}
        aria-label={title}
        testID={testID}
        onPress={() => setIsOpen(!isOpen)}
        style={({ pressed }) => [styles.head, colors, pressed && styles.pressed]}
      >
        <AppText variant="heading" role="none" style={styles.title}>
          {title}
        </AppText>
        <View style={isOpen && styles.turned}>
          <Icon name="down" color={palette.accent} />
        </View>
      </Pressable>
      {isOpen && children}
    </>
  );
}

const styles = StyleSheet.create({
  head: {
    minHeight: TOUCH,
    flexDirection: "row",
    alignItems: "center",
    gap: SPACE.s,
    paddingHorizontal: SPACE.m,
    borderRadius: RADIUS.m,
    borderWidth: 1,
  },
  title: { flex: 1 },
  turned: { transform: [{ rotate: "180deg" }] },
  pressed: { opacity: 0.75 },
});
