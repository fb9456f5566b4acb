import { type ReactElement, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { AccessibilityInfo, StyleSheet, View } from "react-native";

import type { Label } from "../services/server/analysisService";
import { RADIUS, SPACE, type Tone, usePalette } from "../ui/theme";
import { AppText } from "../ui/AppText";
import { Icon } from "../ui/Icon";

export const TONES = {
  NORMAL: "normal",
  WARNING: "warning",
  CRITICAL: "critical",
} as const satisfies Record<Label, Tone>;

/** The verdict as color, shape and text; screen readers announce it. */
export function VerdictBanner({ label, finding }: { label: Label; finding: string }): ReactElement {
  const { t } = useTranslation();
  const tone = TONES[label];
  const { ink, soft } = usePalette().tones[tone];
  useEffect(() => AccessibilityInfo.announceForAccessibility(finding), [finding]);
  return (
    <View
      style={[styles.banner, { backgroundColor: soft, borderColor: ink }]}
      aria-live="assertive"
      testID="verdict"
    >
      <View style={styles.header}>
        <Icon name={tone} color={ink} size={52} />
        <AppText variant="display" color={ink} testID="verdict-label">
          {t(`verdict.${label}`)}
        </AppText>
      </View>
      <AppText testID="finding">{finding}</AppText>
    </View>
  );
}

const styles = StyleSheet.create({
  banner: { borderRadius: RADIUS.m, borderWidth: 2, padding: SPACE.m, gap: SPACE.m },
  header: { flexDirection: "row", flexWrap: "wrap", alignItems: "center", columnGap: SPACE.m },
});
