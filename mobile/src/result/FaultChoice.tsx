import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { formatFault } from "../i18n/format";
import { AppText } from "../ui/AppText";
import { FilterChips } from "../ui/FilterChips";
import { SPACE } from "../ui/theme";

type Props = { codes: string[]; value: string; onChange: (code: string) => void };

/** Which fault was found; one that other clients gave is listed too. */
export function FaultChoice({ codes, value, onChange }: Props): ReactElement {
  const { t } = useTranslation();
  const listed = value === "" || codes.includes(value) ? codes : [value, ...codes];
  const chips = listed.map((code) => ({ value: code, label: formatFault(t, code) }));
  return (
    <View style={styles.choice}>
      <AppText variant="small" muted>
        {t("feedback.fault")}
      </AppText>
      <FilterChips
        label={t("feedback.fault")}
        chips={[...chips, { value: "", label: t("feedback.otherFault") }]}
        value={value}
        onChange={(code) => onChange(code ?? "")}
        wraps
      />
    </View>
  );
}

const styles = StyleSheet.create({ choice: { gap: SPACE.xs } });
