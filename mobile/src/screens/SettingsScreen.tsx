import Constants from "expo-constants";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { AppText } from "../components/AppText";
import { Button } from "../components/Button";
import { Card } from "../components/Card";
import { DetailRow } from "../components/DetailRow";
import { LanguageChoice } from "../components/LanguageChoice";
import { Note } from "../components/Note";
import { Page } from "../components/Page";
import { ProblemNote } from "../components/ProblemNote";
import { useMe } from "../hooks/useMe";
import { useOutbox } from "../hooks/useOutbox";
import { useSession } from "../hooks/useSession";
import { formatRole } from "../i18n/format";
import type { Me } from "../services/analysisService";
import { endSession } from "../services/session";

export function SettingsScreen(): ReactElement {
  const { t } = useTranslation();
  const session = useSession();
  const { value: me, problem, reload } = useMe();
  const { items } = useOutbox();
  const formatRoles = ({ roles }: Me): string =>
    roles.map((role) => formatRole(t, role)).join(", ") || t("settings.noRoles");
  return (
    <Page>
      <Card title={t("settings.language")}>
        <LanguageChoice />
        <AppText variant="small" muted>
          {t("settings.appearance")}
        </AppText>
      </Card>
      <Card>
        <DetailRow label={t("settings.account")} value={session.email} />
        <DetailRow label={t("settings.server")} value={session.server} />
        {me && <DetailRow label={t("settings.roles")} value={formatRoles(me)} />}
        {problem && <ProblemNote problem={problem} onRetry={reload} />}
        {items.length > 0 && (
          <Note
            tone="warning"
            icon="warning"
            text={t("settings.signOutSure", { count: items.length })}
          />
        )}
        <Button
          variant="danger"
          label={t("settings.signOut")}
          onPress={() => void endSession("signed_out")}
        />
      </Card>
      <AppText variant="small" muted>
        {t("settings.version", { version: Constants.expoConfig?.version ?? "" })}
      </AppText>
    </Page>
  );
}
