import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { AppText } from "../ui/AppText";
import { Icon } from "../ui/Icon";
import { RADIUS, SPACE, usePalette } from "../ui/theme";

/** The name of the app and what it is for. */
export function Brand(): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  return (
    <View style={styles.brand}>
      <View style={[styles.logo, { backgroundColor: palette.accent }]}>
        <Icon name="wave" color={palette.onAccent} size={44} />
      </View>
      <AppText variant="display">{t("app.name")}</AppText>
      <AppText muted style={styles.tagline}>
        {t("app.tagline")}
      </AppText>
    </View>
  );
}

const styles = StyleSheet.create({
  brand: { alignItems: "center", gap: SPACE.s, paddingVertical: SPACE.l },
  logo: {
    width: 80,
    height: 80,
    borderRadius: RADIUS.m,
    alignItems: "center",
    justifyContent: "center",
  },
  tagline: { textAlign: "center" },
});
