import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { AppText } from "../ui/AppText";
import { Segmented } from "../ui/Segmented";
import { SPACE } from "../ui/theme";
import { LENGTHS_S } from "./useRecordingLength";

type Props = {
  minSeconds: number;
  lengthSeconds: number | null;
  onLength: (seconds: number) => void;
  disabled: boolean;
};

/** How long to record; lengths that are too short for the model cannot be chosen. */
export function Lengths({ minSeconds, lengthSeconds, onLength, disabled }: Props): ReactElement {
  const { t } = useTranslation();
  const options = LENGTHS_S.map((seconds) => ({
    value: seconds,
    label: t("units.seconds", { seconds }),
    isDisabled: seconds < minSeconds,
  }));
  return (
    <View style={styles.length}>
      <Segmented
        label={t("diagnose.length")}
        options={options}
        value={lengthSeconds}
        onChange={onLength}
        disabled={disabled}
      />
      {options.some(({ isDisabled }) => isDisabled) && (
        <AppText variant="small" muted style={styles.hint}>
          {t("diagnose.longEnough", { seconds: minSeconds })}
        </AppText>
      )}
    </View>
  );
}

const styles = StyleSheet.create({
  length: { width: "100%", maxWidth: 420, gap: SPACE.s },
  hint: { textAlign: "center" },
});
