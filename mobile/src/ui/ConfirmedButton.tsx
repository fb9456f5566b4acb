import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { AppText } from "./AppText";
import { Button } from "./Button";
import type { IconName } from "./Icon";
import { SPACE } from "./theme";

type Props = {
  label: string;
  icon: IconName;
  question: string;
  disabled: boolean;
  onConfirm: () => void;
};

/** A button for what cannot be taken back: the first press asks, the second does it. */
export function ConfirmedButton(props: Props): ReactElement {
  const { label, icon, question, disabled, onConfirm } = props;
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  const press = (): void => {
    if (isAsking) onConfirm();
    setIsAsking(!isAsking);
  };
  return (
    <View style={styles.group}>
      {isAsking && <AppText role="alert">{question}</AppText>}
      <View style={styles.buttons}>
        <Button variant="danger" icon={icon} label={label} disabled={disabled} onPress={press} />
        {isAsking && (
          <Button
            variant="quiet"
            label={t("actions.cancel")}
            onPress={() => setIsAsking(false)}
          />
        )}
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  group: { gap: SPACE.s },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
