import { type ReactElement, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { BackHandler, StyleSheet, View } from "react-native";

import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { type Tab, TabBar } from "./TabBar";
import { useAutomaticSending } from "../outbox/useOutbox";
import { COLUMN, SPACE, usePalette } from "../ui/theme";
import { DiagnosisScreen } from "../diagnosis/DiagnosisScreen";
import { HistoryScreen } from "../history/HistoryScreen";
import { ResultScreen } from "../result/ResultScreen";
import { SettingsScreen } from "../settings/SettingsScreen";

/** The three tabs, or a result opened from one of them. */
export function MainScreen(): ReactElement {
  const { t } = useTranslation();
  const [tab, setTab] = useState<Tab>("diagnose");
  const [openId, setOpenId] = useState<string | null>(null);
  useAutomaticSending();
  useEffect(() => {
    const subscription = BackHandler.addEventListener("hardwareBackPress", () => {
      setOpenId(null);
      return openId !== null;
    });
    return () => subscription.remove();
  }, [openId]);

  const title = openId ? t("result.title") : t(`tabs.${tab}`);
  return (
    <View style={styles.screen}>
      <Header title={title} onBack={openId ? () => setOpenId(null) : null} />
      <View style={styles.body}>
        {/* Stays mounted: a recording continues while another tab is open. */}
        <View style={[styles.body, (openId !== null || tab !== "diagnose") && styles.hidden]}>
          <DiagnosisScreen onOpen={setOpenId} />
        </View>
        {openId !== null && <ResultScreen analysisId={openId} />}
        {openId === null && tab === "history" && <HistoryScreen onOpen={setOpenId} />}
        {openId === null && tab === "settings" && <SettingsScreen />}
      </View>
      <TabBar
        tab={tab}
        onChange={(next) => {
          setOpenId(null);
          setTab(next);
        }}
      />
    </View>
  );
}

type HeaderProps = { title: string; onBack: (() => void) | null };

function Header({ title, onBack }: HeaderProps): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  return (
    <View style={[styles.header, { backgroundColor: palette.surface, borderColor: palette.line }]}>
      <View style={styles.headerContent}>
        {onBack && (
          <Button variant="quiet" icon="left" label={t("actions.back")} onPress={onBack} />
        )}
        <AppText variant="title">{title}</AppText>
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  screen: { flex: 1 },
  body: { flex: 1 },
  hidden: { display: "none" },
  header: { borderBottomWidth: 1, alignItems: "center" },
  headerContent: {
    width: "100%",
    maxWidth: COLUMN,
    minHeight: 64,
    flexDirection: "row",
    alignItems: "center",
    gap: SPACE.s,
    paddingHorizontal: SPACE.m,
  },
});
