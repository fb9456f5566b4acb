import { type ReactElement, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { AccessibilityInfo, StyleSheet, View } from "react-native";

import type { Analysis, Label } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Icon } from "../ui/Icon";
import { RADIUS, SPACE, type Tone, usePalette } from "../ui/theme";
import { describeDifference } from "./difference";

export const TONES = {
  NORMAL: "normal",
  WARNING: "warning",
  CRITICAL: "critical",
} as const satisfies Record<Label, Tone>;

/** The verdict as color, shape, one sentence and what stands out; screen readers announce it. */
export function VerdictBanner({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { label, health_score } = analysis;
  const tone = TONES[label];
  const { ink, soft } = usePalette().tones[tone];
  const sentence = t(`verdict.sentence.${label}`);
  const difference = describeDifference(t, analysis);
  useEffect(() => AccessibilityInfo.announceForAccessibility(sentence), [sentence]);
  return (
    <View
      style={[styles.banner, { backgroundColor: soft, borderColor: ink }]}
      aria-live="assertive"
      testID="verdict"
    >
      <View style={styles.header}>
        <Icon name={tone} color={ink} size={52} />
        <View style={styles.words}>
          <AppText variant="display" color={ink} testID="verdict-label">
            {t(`verdict.${label}`)}
          </AppText>
          <AppText variant="title" role="none" color={ink} testID="health">
            {t("history.health", { health: Math.round(health_score) })}
          </AppText>
        </View>
      </View>
      <AppText testID="finding">{sentence}</AppText>
      {difference !== null && <AppText testID="difference">{difference}</AppText>}
    </View>
  );
}

const styles = StyleSheet.create({
  banner: { borderRadius: RADIUS.m, borderWidth: 2, padding: SPACE.m, gap: SPACE.m },
  header: { flexDirection: "row", flexWrap: "wrap", alignItems: "center", columnGap: SPACE.m },
  words: {
    flexGrow: 1,
    flexShrink: 1,
    flexBasis: 160, // on a line of their own where letters are large
    flexDirection: "row",
    flexWrap: "wrap",
    alignItems: "baseline",
    justifyContent: "space-between",
    columnGap: SPACE.m,
  },
});
