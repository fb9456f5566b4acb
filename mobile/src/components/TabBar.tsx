import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Pressable, StyleSheet, View } from "react-native";

import { COLUMN, SPACE, TOUCH, usePalette } from "../theme";
import { Icon, type IconName } from "./Icon";
import { Words } from "./AppText";

export type Tab = "diagnose" | "history" | "settings";
const ICONS: Record<Tab, IconName> = { diagnose: "mic", history: "history", settings: "settings" };
const TABS = Object.keys(ICONS) as Tab[];

const LARGEST_TEXT = 1.5; // three words have to fit beside each other

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
              <Words kind="small" color={color} numberOfLines={1} maxFontSizeMultiplier={LARGEST_TEXT}>
                {t(`tabs.${each}`)}
              </Words>
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
