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
    <View style={styles.row}>
      <View style={styles.field}>
        <Field
          {...props}
          label={t("signIn.password")}
          secureTextEntry={!isShown}
          autoComplete="current-password"
          id="password"
        />
      </View>
      <Button
        icon="eye"
        label={t(isShown ? "signIn.hide" : "signIn.show")}
        accessibilityLabel={t(isShown ? "signIn.hidePassword" : "signIn.showPassword")}
        onPress={() => setIsShown(!isShown)}
      />
    </View>
  );
}

const styles = StyleSheet.create({
  row: { flexDirection: "row", flexWrap: "wrap", alignItems: "flex-end", gap: SPACE.s },
  field: { flexGrow: 1, flexBasis: 160 }, // on a line of its own where letters are large
});
