import { type ReactElement, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { BackHandler, StyleSheet, View } from "react-native";

import { Button } from "../components/Button";
import { type Tab, TabBar } from "../components/TabBar";
import { Words } from "../components/AppText";
import { useDelivery } from "../hooks/useOutbox";
import { COLUMN, SPACE, usePalette } from "../theme";
import { DiagnosisScreen } from "./DiagnosisScreen";
import { HistoryScreen } from "./HistoryScreen";
import { ResultScreen } from "./ResultScreen";
import { SettingsScreen } from "./SettingsScreen";

/** Three tabs, and above them a result that was opened. */
export function MainScreen(): ReactElement {
  const { t } = useTranslation();
  const [tab, setTab] = useState<Tab>("diagnose");
  const [openId, setOpenId] = useState<string | null>(null);
  useDelivery();
  useEffect(() => {
    const subscription = BackHandler.addEventListener("hardwareBackPress", () => {
      setOpenId(null);
      return openId !== null;
    });
    return () => subscription.remove();
  }, [openId]);

  return (
    <View style={styles.screen}>
      <Head title={openId ? t("result.title") : t(`tabs.${tab}`)} onBack={openId ? () => setOpenId(null) : null} />
      <View style={styles.body}>
        {/* Kept alive: a recording goes on while one looks at another tab. */}
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

function Head({ title, onBack }: { title: string; onBack: (() => void) | null }): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  return (
    <View style={[styles.head, { backgroundColor: palette.surface, borderColor: palette.line }]}>
      <View style={styles.headline}>
        {onBack && <Button kind="quiet" icon="left" label={t("actions.back")} onPress={onBack} />}
        <Words kind="title">
          {title}
        </Words>
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  screen: { flex: 1 },
  body: { flex: 1 },
  hidden: { display: "none" },
  head: { borderBottomWidth: 1, alignItems: "center" },
  headline: {
    width: "100%",
    maxWidth: COLUMN,
    minHeight: 64,
    flexDirection: "row",
    alignItems: "center",
    gap: SPACE.s,
    paddingHorizontal: SPACE.m,
  },
});
