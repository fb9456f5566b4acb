import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";

import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { useIsLow } from "../ui/layout";
import { SPACE, TOUCH, usePalette } from "../ui/theme";

type Props = { title: string; onBack?: () => void };

/** The title of a screen, with the way back where it is not a tab. */
export function Header({ title, onBack }: Props): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const { top, left, right } = useSafeAreaInsets();
  const isLow = useIsLow();
  const insets = { paddingTop: top, paddingLeft: left, paddingRight: right };
  const colors = { backgroundColor: palette.surface, borderColor: palette.line };
  return (
    <View role="banner" style={[styles.header, colors, insets]}>
      <View style={[styles.line, isLow && styles.low, onBack && styles.withBack]}>
        {onBack && (
          <Button variant="quiet" icon="left" label={t("actions.back")} onPress={onBack} />
        )}
        <AppText variant="title" style={styles.title} numberOfLines={2}>
          {title}
        </AppText>
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  header: { borderBottomWidth: 1 },
  line: {
    minHeight: 64,
    flexDirection: "row",
    alignItems: "center",
    gap: SPACE.s,
    paddingHorizontal: SPACE.m,
  },
  low: { minHeight: TOUCH },
  withBack: { paddingLeft: 0 }, // the button has room of its own
  title: { flexShrink: 1 },
});
