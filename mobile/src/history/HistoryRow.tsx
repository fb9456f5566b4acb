import type { TFunction } from "i18next";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Pressable, StyleSheet, View } from "react-native";

import { formatDateTime, formatFault } from "../i18n/format";
import { TONES } from "../result/VerdictBanner";
import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Icon } from "../ui/Icon";
import { Tag } from "../ui/Tag";
import { RADIUS, SPACE, TOUCH, usePalette } from "../ui/theme";

type Props = {
  analysis: Analysis;
  deviceName: string | null; // null: recorded without a machine
  modelName: string;
  onPress: () => void;
};

/** One earlier result. */
export function HistoryRow({ analysis, deviceName, modelName, onPress }: Props): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const tone = TONES[analysis.label];
  const { ink } = palette.tones[tone];
  const where = deviceName ?? t("history.noDevice");
  const when = formatDateTime(analysis.recorded_at ?? analysis.created_at);
  const verdict = t(`verdict.${analysis.label}`);
  const feedback = describeFeedback(t, analysis);
  return (
    <Pressable
      role="button"
      aria-label={t("history.open", { verdict, where, when })}
      testID="history-row"
      onPress={onPress}
      style={({ pressed }) => [
        styles.row,
        { backgroundColor: palette.surface, borderColor: palette.line, opacity: pressed ? 0.7 : 1 },
      ]}
    >
      <Icon name={tone} color={ink} size={32} />
      <View style={styles.text}>
        <View style={styles.line}>
          <AppText variant="heading" role="none" color={ink}>
            {verdict}
          </AppText>
          <AppText variant="heading" role="none" color={ink}>
            {t("history.health", { health: Math.round(analysis.health_score) })}
          </AppText>
        </View>
        <AppText>{where}</AppText>
        <AppText variant="small" muted>
          {analysis.is_own ? modelName : `${modelName} · ${analysis.recorded_by}`}
        </AppText>
        <AppText variant="small" muted>
          {when}
        </AppText>
        {feedback && <Tag isStrong text={feedback} />}
      </View>
      <Icon name="right" color={palette.muted} />
    </Pressable>
  );
}

/** Say what the reader found at the machine, if anything. */
function describeFeedback(t: TFunction, { feedback }: Analysis): string | null {
  if (!feedback) return null;
  const outcome = t(`feedback.${feedback.verdict}`);
  return feedback.fault_code ? `${outcome}: ${formatFault(t, feedback.fault_code)}` : outcome;
}

const styles = StyleSheet.create({
  row: {
    minHeight: TOUCH,
    flexDirection: "row",
    alignItems: "center",
    gap: SPACE.m,
    padding: SPACE.m,
    borderRadius: RADIUS.m,
    borderWidth: 1,
  },
  text: { flex: 1 },
  line: {
    flexDirection: "row",
    flexWrap: "wrap",
    justifyContent: "space-between",
    columnGap: SPACE.s,
  },
});
