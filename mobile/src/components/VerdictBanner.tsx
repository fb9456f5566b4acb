import { type ReactElement, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { AccessibilityInfo, StyleSheet, View } from "react-native";

import type { Label } from "../services/analysisService";
import { RADIUS, SPACE, type Tone, usePalette } from "../theme";
import { Icon } from "./Icon";
import { Words } from "./AppText";

export const TONES = { NORMAL: "normal", WARNING: "warning", CRITICAL: "critical" } as const satisfies Record<
  Label,
  Tone
>;

/** The verdict in colour, in a shape and in words; also said aloud to those who do not look. */
export function VerdictBanner({ label, finding }: { label: Label; finding: string }): ReactElement {
  const { t } = useTranslation();
  const tone = TONES[label];
  const { ink, soft } = usePalette().tones[tone];
  useEffect(() => AccessibilityInfo.announceForAccessibility(finding), [finding]);
  return (
    <View style={[styles.banner, { backgroundColor: soft, borderColor: ink }]} aria-live="assertive" testID="verdict">
      <View style={styles.head}>
        <Icon name={tone} color={ink} size={52} />
        <Words kind="display" color={ink} testID="verdict-label">
          {t(`verdict.${label}`)}
        </Words>
      </View>
      <Words testID="finding">{finding}</Words>
    </View>
  );
}

const styles = StyleSheet.create({
  banner: { borderRadius: RADIUS.m, borderWidth: 2, padding: SPACE.m, gap: SPACE.m },
  head: { flexDirection: "row", flexWrap: "wrap", alignItems: "center", columnGap: SPACE.m },
});
