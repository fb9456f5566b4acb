import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatDateTime } from "../i18n/format";
import { useAppNavigation } from "../navigation/routes";
import { outbox } from "../services/outbox/outbox";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { useOutbox } from "./useOutbox";

/** The waiting recordings that have been sent meanwhile, with their verdicts. */
export function DeliveryNote(): ReactElement | null {
  const { t } = useTranslation();
  const navigation = useAppNavigation();
  const { deliveries } = useOutbox();
  if (deliveries.length === 0) return null;
  return (
    <Note tone="normal" icon="check" text={t("outbox.delivered", { count: deliveries.length })}>
      {deliveries.map(({ item, analysis }) => (
        <Button
          key={item.key}
          icon="right"
          label={`${t(`verdict.${analysis.label}`)}, ${formatDateTime(item.recordedAt)}`}
          onPress={() => navigation.navigate("Result", { id: analysis.id })}
        />
      ))}
      <Button
        variant="quiet"
        label={t("outbox.dismiss")}
        onPress={() => outbox.dismissDeliveries()}
      />
    </Note>
  );
}
