import Constants from "expo-constants";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useAppNavigation } from "../navigation/routes";
import { useCapabilities } from "../queries/useCapabilities";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { LanguageChoice } from "../ui/LanguageChoice";
import { Page } from "../ui/Page";
import { AccountCard } from "./AccountCard";

/** Language, account, help and versions. */
export function SettingsScreen(): ReactElement {
  const { t } = useTranslation();
  return (
    <Page
      aside={
        <>
          <AccountCard />
          <HelpAndVersions />
        </>
      }
    >
      <Card title={t("settings.language")}>
        <LanguageChoice />
        <AppText variant="small" muted>
          {t("settings.appearance")}
        </AppText>
      </Card>
    </Page>
  );
}

function HelpAndVersions(): ReactElement {
  const { t } = useTranslation();
  const navigation = useAppNavigation();
  const serverVersion = useCapabilities()?.version;
  return (
    <>
      <Button
        icon="info"
        label={t("help.title")}
        onPress={() => navigation.navigate("Help")}
      />
      <AppText variant="small" muted>
        {t("settings.version", { version: Constants.expoConfig?.version ?? "" })}
        {serverVersion && ` · ${t("settings.serverVersion", { version: serverVersion })}`}
      </AppText>
    </>
  );
}
