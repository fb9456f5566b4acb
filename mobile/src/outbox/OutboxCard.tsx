import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useSession } from "../queries/useSession";
import { outbox } from "../services/outbox/outbox";
import type { OutboxItem } from "../services/outbox/outboxItem";
import { getOwner } from "../services/server/session";
import type { ModelChoice } from "../services/storage/lastChoice";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { DamagedRow } from "./DamagedRow";
import { OutboxRow } from "./OutboxRow";
import { useOutbox } from "./useOutbox";

type Props = { model: ModelChoice | null; onResend: (item: OutboxItem) => Promise<void> };

/** The recordings on this device that the server does not have yet. */
export function OutboxCard({ model, onResend }: Props): ReactElement | null {
  const { t } = useTranslation();
  const owner = getOwner(useSession());
  const { items, damagedKeys, sending } = useOutbox();
  const count = items.length + damagedKeys.length;
  if (count === 0) return null;
  return (
    <Card title={t("outbox.title", { count })} testID="outbox">
      {damagedKeys.map((key) => (
        <DamagedRow key={key} itemKey={key} />
      ))}
      {items.map((item) => (
        <OutboxRow
          key={item.key}
          item={item}
          isSending={sending?.key === item.key}
          model={model}
          onResend={onResend}
        />
      ))}
      <AppText variant="small" muted>
        {t("outbox.storedHint")}
      </AppText>
      {items.some((item) => !item.refusal) && (
        <Button icon="send" label={t("outbox.sendNow")} onPress={() => void outbox.flush(owner)} />
      )}
    </Card>
  );
}
