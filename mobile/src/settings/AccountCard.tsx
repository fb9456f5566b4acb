import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatRole } from "../i18n/format";
import { useOutbox } from "../outbox/useOutbox";
import { useMe } from "../queries/useMe";
import { useSession } from "../queries/useSession";
import { forgetAddress } from "../services/page/pageAddress";
import type { Me } from "../services/server/analysisService";
import { endSession } from "../services/server/session";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { DetailRow } from "../ui/DetailRow";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";

/** Who is signed in where, and the way out. */
export function AccountCard(): ReactElement {
  const { t } = useTranslation();
  const session = useSession();
  const { value: me, problem, reload } = useMe();
  const { items } = useOutbox();
  const signOut = (): void => {
    void endSession("signed_out").then(forgetAddress);
  };
  const formatRoles = ({ roles }: Me): string =>
    roles.map((role) => formatRole(t, role)).join(", ") || t("settings.noRoles");
  return (
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
      <Button variant="danger" label={t("settings.signOut")} onPress={signOut} />
    </Card>
  );
}
