import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { useOutbox } from "../hooks/useOutbox";
import { useSession } from "../hooks/useSession";
import { momentWords, problemWords } from "../i18n/format";
import type { ModelChoice } from "../services/lastChoice";
import { outbox } from "../services/outbox";
import type { Parcel } from "../services/outboxItem";
import { codeOf } from "../services/problem";
import { ownerOf } from "../services/session";
import { SPACE, usePalette } from "../theme";
import { Button } from "./Button";
import { Card } from "./Card";
import { Note } from "./Note";
import { Words } from "./AppText";

const MODEL_CODES = ["unknown_model", "model_inactive", "no_serving_version", "not_calibrated", "artifact_corrupt"];
const ACCOUNT_CODES = ["permission_denied", "not_found"]; // somebody who runs the server can mend these

type Props = { model: ModelChoice | null; onResend: (parcel: Parcel) => Promise<void> };

/** What lies on the device and has not reached the server. */
export function OutboxCard({ model, onResend }: Props): ReactElement | null {
  const { t } = useTranslation();
  const owner = ownerOf(useSession());
  const { parcels, sending } = useOutbox();
  if (parcels.length === 0) return null;
  return (
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
      {parcels.some((parcel) => !parcel.refusal) && (
        <Button icon="send" label={t("outbox.sendNow")} onPress={() => void outbox.flush(owner)} />
      )}
    </Card>
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
      {parcel.refusal && <Note urgent tone="critical" icon="warning" text={problemWords(t, parcel.refusal)} />}
      {isSure && <Words>{t("outbox.deleteSure")}</Words>}
      <View style={styles.buttons}>
        {model && mendsIt(parcel, model) && (
          <Button
            icon="send"
            label={t("outbox.withModel", { name: model.name })}
            onPress={() => void onResend(parcel)}
          />
        )}
        {isRefusedFor(parcel, [...MODEL_CODES, ...ACCOUNT_CODES]) && (
          <Button icon="retry" label={t("actions.retry")} onPress={() => void outbox.release(parcel)} />
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

/** Another model helps where the model was refused, and not where the recording was. */
function mendsIt(parcel: Parcel, model: ModelChoice): boolean {
  return isRefusedFor(parcel, MODEL_CODES) && model.id !== parcel.modelId;
}

function isRefusedFor({ refusal }: Parcel, codes: string[]): boolean {
  const code = codeOf(refusal);
  return code !== null && codes.includes(code);
}

const styles = StyleSheet.create({
  row: { gap: SPACE.s, borderBottomWidth: 1, paddingBottom: SPACE.m },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
