import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { SPACE } from "../ui/theme";

type Props = {
  value: string;
  onChangeText: (password: string) => void;
  onSubmitEditing: () => void;
};

/** A password, hidden until one asks to see it. */
export function PasswordField(props: Props): ReactElement {
  const { t } = useTranslation();
  const [isShown, setIsShown] = useState(false);
  return (
    <View style={styles.field}>
      <Field
        {...props}
        label={t("signIn.password")}
        secureTextEntry={!isShown}
        autoComplete="current-password"
        id="password"
      />
      <Button
        variant="quiet"
        icon="eye"
        label={t(isShown ? "signIn.hidePassword" : "signIn.showPassword")}
        onPress={() => setIsShown(!isShown)}
      />
    </View>
  );
}

const styles = StyleSheet.create({ field: { gap: SPACE.xs, alignItems: "stretch" } });
