import type { ReactElement, ReactNode } from "react";
import { StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { Icon, type IconName } from "./Icon";
import { RADIUS, SPACE, type Tone, usePalette } from "./theme";

type Props = {
  tone?: Tone;
  icon?: IconName;
  text: string;
  urgent?: boolean;
  testID?: string;
  children?: ReactNode;
};

/** A message, with the actions it calls for below it. */
export function Note({
  tone = "neutral",
  icon = "info",
  text,
  urgent = false,
  testID,
  children,
}: Props): ReactElement {
  const { ink, soft } = usePalette().tones[tone];
  return (
    <View
      style={[styles.note, { backgroundColor: soft }]}
      testID={testID}
      role={urgent ? "alert" : undefined}
      aria-live="polite"
    >
      <View style={styles.line}>
        <Icon name={icon} color={ink} />
        <AppText color={ink} style={styles.text}>
          {text}
        </AppText>
      </View>
      {children}
    </View>
  );
}

const styles = StyleSheet.create({
  note: { borderRadius: RADIUS.s, padding: SPACE.m, gap: SPACE.m },
  line: { flexDirection: "row", gap: SPACE.s, alignItems: "flex-start" },
  text: { flex: 1 },
});
