import type { ReactElement } from "react";
import { StyleSheet, TextInput, type TextInputProps, View } from "react-native";

import { AppText } from "./AppText";
import { RADIUS, SPACE, TOUCH, TYPE, usePalette } from "./theme";

type Props = { label: string; maxLength?: number | undefined } & Pick<
  TextInputProps,
  | "value"
  | "onChangeText"
  | "placeholder"
  | "secureTextEntry"
  | "inputMode"
  | "autoComplete"
  | "onSubmitEditing"
  | "multiline"
  | "id"
>;

/** A text field with its label. */
export function Field({ label, maxLength, ...input }: Props): ReactElement {
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
        {...(maxLength !== undefined && { maxLength })}
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
