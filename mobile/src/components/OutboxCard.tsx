import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { useOutbox } from "../hooks/useOutbox";
import { useSession } from "../hooks/useSession";
import { momentWords, problemWords } from "../i18n/words";
import type { ModelChoice } from "../services/lastChoice";
import { outbox } from "../services/outbox";
import type { Parcel } from "../services/parcel";
import { ownerOf } from "../services/session";
import { SPACE, usePalette } from "../theme";
import { Button } from "./Button";
import { Card } from "./Card";
import { Note } from "./Note";
import { Words } from "./Words";

type Props = {
  model: ModelChoice | null;
  onResend: (parcel: Parcel) => Promise<void>;
  onOpen: (analysisId: string) => void;
};

/** What lies on the device and has not reached the server, and what got there meanwhile. */
export function OutboxCard({ model, onResend, onOpen }: Props): ReactElement | null {
  const { t } = useTranslation();
  const owner = ownerOf(useSession());
  const { parcels, sending, deliveries } = useOutbox();
  return (
    <>
      {deliveries.length > 0 && (
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
      )}
      {parcels.length > 0 && (
        <Card title={t("outbox.title", { count: parcels.length })} testID="outbox">
          {parcels.map((parcel) => (
            <ParcelRow
              key={parcel.key}
              parcel={parcel}
              isSending={sending?.key === parcel.key}
              model={model}
              onResend={onResend}
            />
          ))}
          <Words kind="small" muted>
            {t("outbox.kept")}
          </Words>
          <Button icon="send" label={t("outbox.sendNow")} onPress={() => void outbox.flush(owner)} />
        </Card>
      )}
    </>
  );
}

type RowProps = { parcel: Parcel; isSending: boolean } & Pick<Props, "model" | "onResend">;

function ParcelRow({ parcel, isSending, model, onResend }: RowProps): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const [isSure, setIsSure] = useState(false);
  const state = isSending ? "sending" : parcel.refusal ? "refused" : "waiting";
  return (
    <View style={[styles.row, { borderColor: palette.line }]} testID="parcel">
      <Words kind="heading" role="none">
        {[parcel.modelName, parcel.deviceId].filter(Boolean).join(" · ")}
      </Words>
      <Words muted>{`${momentWords(parcel.recordedAt)} · ${t(`outbox.${state}`)}`}</Words>
      {parcel.refusal && <Note tone="critical" icon="warning" text={problemWords(t, parcel.refusal)} />}
      {isSure && <Words>{t("outbox.deleteSure")}</Words>}
      <View style={styles.buttons}>
        {parcel.refusal && model && (
          <Button
            icon="send"
            label={t("outbox.withModel", { name: model.name })}
            onPress={() => void onResend(parcel)}
          />
        )}
        {isSure && <Button kind="quiet" label={t("actions.cancel")} onPress={() => setIsSure(false)} />}
        <Button
          kind="danger"
          icon="trash"
          label={t("actions.delete")}
          disabled={isSending}
          onPress={isSure ? () => void outbox.discard(parcel.key) : () => setIsSure(true)}
        />
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  row: { gap: SPACE.s, borderBottomWidth: 1, paddingBottom: SPACE.m },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
