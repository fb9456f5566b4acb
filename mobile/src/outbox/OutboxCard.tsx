import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { useOutbox } from "./useOutbox";
import { useSession } from "../queries/useSession";
import { formatDateTime, formatProblem } from "../i18n/format";
import type { ModelChoice } from "../services/storage/lastChoice";
import { outbox } from "../services/outbox/outbox";
import type { OutboxItem } from "../services/outbox/outboxItem";
import { getCode } from "../services/server/problem";
import { getOwner } from "../services/server/session";
import { SPACE, usePalette } from "../ui/theme";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { Note } from "../ui/Note";

// Refusals that another model, a curator or an administrator can resolve.
const MODEL_CODES = [
  "unknown_model",
  "model_inactive",
  "no_serving_version",
  "not_calibrated",
  "artifact_corrupt",
];
const ACCOUNT_CODES = ["permission_denied", "not_found"];
const RETRYABLE_CODES = MODEL_CODES.concat(ACCOUNT_CODES);

type Props = { model: ModelChoice | null; onResend: (item: OutboxItem) => Promise<void> };

/** The recordings on this device that the server does not have yet. */
export function OutboxCard({ model, onResend }: Props): ReactElement | null {
  const { t } = useTranslation();
  const owner = getOwner(useSession());
  const { items, sending } = useOutbox();
  if (items.length === 0) return null;
  return (
    <Card title={t("outbox.title", { count: items.length })} testID="outbox">
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

type RowProps = { item: OutboxItem; isSending: boolean } & Props;

function OutboxRow({ item, isSending, model, onResend }: RowProps): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const state = isSending ? "sending" : item.refusal ? "refused" : "waiting";
  return (
    <View style={[styles.row, { borderColor: palette.line }]} testID="outbox-item">
      <AppText variant="heading" role="none">
        {[item.modelName, item.deviceId].filter(Boolean).join(" · ")}
      </AppText>
      <AppText muted>{`${formatDateTime(item.recordedAt)} · ${t(`outbox.${state}`)}`}</AppText>
      {item.refusal && (
        <Note urgent tone="critical" icon="warning" text={formatProblem(t, item.refusal)} />
      )}
      <RowButtons item={item} isSending={isSending} model={model} onResend={onResend} />
    </View>
  );
}

function RowButtons({ item, isSending, model, onResend }: RowProps): ReactElement {
  const { t } = useTranslation();
  const [isSure, setIsSure] = useState(false);
  const remove = (): void => {
    if (isSure) void outbox.remove(item.key);
    else setIsSure(true);
  };
  return (
    <>
      {isSure && <AppText>{t("outbox.deleteSure")}</AppText>}
      <View style={styles.buttons}>
        {model && canResendWith(model, item) && (
          <Button
            icon="send"
            label={t("outbox.withModel", { name: model.name })}
            onPress={() => void onResend(item)}
          />
        )}
        {isRefusedFor(item, RETRYABLE_CODES) && (
          <Button
            icon="retry"
            label={t("actions.retry")}
            onPress={() => void outbox.retry(item)}
          />
        )}
        {isSure && (
          <Button
            variant="quiet"
            label={t("actions.cancel")}
            onPress={() => setIsSure(false)}
          />
        )}
        <Button
          variant="danger"
          icon="trash"
          label={t("actions.delete")}
          disabled={isSending}
          onPress={remove}
        />
      </View>
    </>
  );
}

/** Another model helps only where the model was refused, not the recording. */
function canResendWith(model: ModelChoice, item: OutboxItem): boolean {
  return isRefusedFor(item, MODEL_CODES) && model.id !== item.modelId;
}

function isRefusedFor({ refusal }: OutboxItem, codes: string[]): boolean {
  const code = getCode(refusal);
  return code !== null && codes.includes(code);
}

const styles = StyleSheet.create({
  row: { gap: SPACE.s, borderBottomWidth: 1, paddingBottom: SPACE.m },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
