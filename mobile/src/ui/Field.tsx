import type { ReactElement } from "react";
import { StyleSheet, TextInput, type TextInputProps, View } from "react-native";

import { RADIUS, SPACE, TOUCH, TYPE, usePalette } from "./theme";
import { AppText } from "./AppText";

type Props = { label: string } & Pick<
  TextInputProps,
  | "value"
  | "onChangeText"
  | "placeholder"
  | "secureTextEntry"
  | "inputMode"
  | "autoComplete"
  | "onSubmitEditing"
  | "multiline"
  | "maxLength"
>;

export function Field({ label, ...input }: Props): ReactElement {
  const palette = usePalette();
  const colors = {
    color: palette.text,
    backgroundColor: palette.surface,
    borderColor: palette.muted,
  };
  return (
    <View style={styles.field}>
      <AppText variant="small" muted>
        {label}
      </AppText>
      <TextInput
        {...input}
        aria-label={label}
        autoCapitalize="none"
        autoCorrect={false}
        placeholderTextColor={palette.muted}
        style={[TYPE.body, styles.input, input.multiline && styles.tall, colors]}
      />
    </View>
  );
}

const styles = StyleSheet.create({
  field: { gap: SPACE.xs },
  input: { minHeight: TOUCH, borderWidth: 1, borderRadius: RADIUS.s, paddingHorizontal: SPACE.m },
  tall: { minHeight: 2 * TOUCH, paddingVertical: SPACE.m, textAlignVertical: "top" },
});
