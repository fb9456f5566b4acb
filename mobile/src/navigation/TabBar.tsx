import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Pressable, StyleSheet, View } from "react-native";

import { COLUMN, SPACE, TOUCH, usePalette } from "../ui/theme";
import { AppText } from "../ui/AppText";
import { Icon, type IconName } from "../ui/Icon";

export type Tab = "diagnose" | "history" | "settings";
const ICONS: Record<Tab, IconName> = { diagnose: "mic", history: "history", settings: "settings" };
const TABS = Object.keys(ICONS) as Tab[];

const MAX_FONT_SCALE = 1.5; // three labels have to fit side by side

type Props = { tab: Tab; onChange: (tab: Tab) => void };

export function TabBar({ tab, onChange }: Props): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  return (
    <View style={[styles.bar, { backgroundColor: palette.surface, borderColor: palette.line }]}>
      <View role="tablist" style={styles.tabs}>
        {TABS.map((each) => {
          const isCurrent = each === tab;
          const color = isCurrent ? palette.accent : palette.muted;
          return (
            <Pressable
              key={each}
              role="tab"
              aria-label={t(`tabs.${each}`)}
              aria-selected={isCurrent}
              accessibilityState={{ selected: isCurrent }}
              onPress={() => onChange(each)}
              style={[styles.tab, { borderColor: isCurrent ? palette.accent : "transparent" }]}
            >
              <Icon name={ICONS[each]} color={color} />
              <AppText
                variant="small"
                color={color}
                numberOfLines={1}
                maxFontSizeMultiplier={MAX_FONT_SCALE}
              >
                {t(`tabs.${each}`)}
              </AppText>
            </Pressable>
          );
        })}
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  bar: { borderTopWidth: 1, alignItems: "center" },
  tabs: { flexDirection: "row", width: "100%", maxWidth: COLUMN },
  tab: {
    flex: 1,
    minHeight: TOUCH + SPACE.s,
    alignItems: "center",
    justifyContent: "center",
    gap: 2,
    borderTopWidth: 3,
  },
});
