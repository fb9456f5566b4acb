import Constants from "expo-constants";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "../components/Button";
import { Card } from "../components/Card";
import { Fact } from "../components/DetailRow";
import { LanguageChoice } from "../components/LanguageChoice";
import { Note } from "../components/Note";
import { Page } from "../components/Page";
import { ProblemNote } from "../components/ProblemNote";
import { Words } from "../components/AppText";
import { useMe } from "../hooks/useMe";
import { useOutbox } from "../hooks/useOutbox";
import { useSession } from "../hooks/useSession";
import { roleWords } from "../i18n/format";
import type { Me } from "../services/analysisService";
import { endSession } from "../services/session";

export function SettingsScreen(): ReactElement {
  const { t } = useTranslation();
  const session = useSession();
  const { value: me, problem, reload } = useMe();
  const { parcels } = useOutbox();
  const rolesOf = ({ roles }: Me): string => roles.map((role) => roleWords(t, role)).join(", ") || t("settings.noRoles");
  return (
    <Page>
      <Card title={t("settings.language")}>
        <LanguageChoice />
        <Words kind="small" muted>
          {t("settings.appearance")}
        </Words>
      </Card>
      <Card>
        <Fact label={t("settings.account")} value={session.email} />
        <Fact label={t("settings.server")} value={session.server} />
        {me && <Fact label={t("settings.roles")} value={rolesOf(me)} />}
        {problem && <ProblemNote problem={problem} onRetry={reload} />}
        {parcels.length > 0 && (
          <Note tone="warning" icon="warning" text={t("settings.signOutSure", { count: parcels.length })} />
        )}
        <Button kind="danger" label={t("settings.signOut")} onPress={() => void endSession("signed_out")} />
      </Card>
      <Words kind="small" muted>
        {t("settings.version", { version: Constants.expoConfig?.version ?? "" })}
      </Words>
    </Page>
  );
}
