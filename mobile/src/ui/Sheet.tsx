import type { ReactElement, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Modal, StyleSheet, View } from "react-native";
import { SafeAreaView } from "react-native-safe-area-context";

import { COLUMN, SPACE, usePalette } from "./theme";
import { AppText } from "./AppText";
import { Button } from "./Button";

type Props = { title: string; onClose: () => void; children: ReactNode };

/** A page on top of the current one, to choose or do one thing. */
export function Sheet({ title, onClose, children }: Props): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  return (
    <Modal animationType="slide" onRequestClose={onClose} aria-label={title}>
      <SafeAreaView style={[styles.page, { backgroundColor: palette.background }]}>
        <View style={styles.column}>
          <View style={styles.header}>
            <AppText variant="title" style={styles.title}>
              {title}
            </AppText>
            <Button variant="quiet" icon="close" label={t("actions.close")} onPress={onClose} />
          </View>
          {children}
        </View>
      </SafeAreaView>
    </Modal>
  );
}

const styles = StyleSheet.create({
  page: { flex: 1, alignItems: "center" },
  column: { flex: 1, width: "100%", maxWidth: COLUMN, paddingHorizontal: SPACE.m, gap: SPACE.m },
  header: {
    flexDirection: "row",
    alignItems: "center",
    justifyContent: "space-between",
    paddingTop: SPACE.m,
  },
  title: { flex: 1 },
});
