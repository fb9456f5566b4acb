import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useOutbox } from "../hooks/useOutbox";
import { momentWords } from "../i18n/format";
import { outbox } from "../services/outbox";
import { Button } from "./Button";
import { Note } from "./Note";

type Props = { onOpen: (analysisId: string) => void };

/** What had waited on the device and has reached the server meanwhile. */
export function Deliveries({ onOpen }: Props): ReactElement | null {
  const { t } = useTranslation();
  const { deliveries } = useOutbox();
  if (deliveries.length === 0) return null;
  return (
    <Note tone="normal" icon="check" text={t("outbox.delivered", { count: deliveries.length })}>
      {deliveries.map(({ parcel, analysis }) => (
        <Button
          key={parcel.key}
          icon="right"
          label={`${t(`verdict.${analysis.label}`)}, ${momentWords(parcel.recordedAt)}`}
          onPress={() => onOpen(analysis.id)}
        />
      ))}
      <Button kind="quiet" label={t("outbox.dismiss")} onPress={() => outbox.dismissDeliveries()} />
    </Note>
  );
}
