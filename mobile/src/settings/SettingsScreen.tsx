import Constants from "expo-constants";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatRole } from "../i18n/format";
import { useAppNavigation } from "../navigation/routes";
import { useOutbox } from "../outbox/useOutbox";
import { useCapabilities } from "../queries/useCapabilities";
import { useMe } from "../queries/useMe";
import { useSession } from "../queries/useSession";
import { forgetAddress } from "../services/page/pageAddress";
import type { Me } from "../services/server/analysisService";
import { endSession } from "../services/server/session";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { DetailRow } from "../ui/DetailRow";
import { LanguageChoice } from "../ui/LanguageChoice";
import { Note } from "../ui/Note";
import { Page } from "../ui/Page";
import { ProblemNote } from "../ui/ProblemNote";

/** Language, account, help and versions. */
export function SettingsScreen(): ReactElement {
  const { t } = useTranslation();
  const session = useSession();
  const navigation = useAppNavigation();
  const serverVersion = useCapabilities()?.version;
  const { value: me, problem, reload } = useMe();
  const { items } = useOutbox();
  const signOut = (): void => {
    void endSession("signed_out").then(forgetAddress);
  };
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
      <Card testID="account">
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
          onPress={signOut}
        />
      </Card>
      <Button
        icon="info"
        label={t("help.title")}
        onPress={() => navigation.navigate("Help")}
      />
      <AppText variant="small" muted>
        {t("settings.version", { version: Constants.expoConfig?.version ?? "" })}
        {serverVersion && ` · ${t("settings.serverVersion", { version: serverVersion })}`}
      </AppText>
    </Page>
  );
}
