import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { useNames } from "../devices/useNames";
import { formatDateTime, formatProblem } from "../i18n/format";
import { outbox } from "../services/outbox/outbox";
import type { OutboxItem } from "../services/outbox/outboxItem";
import { isAboutModel, isResolvable } from "../services/outbox/refusals";
import type { ModelChoice } from "../services/storage/lastChoice";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { ConfirmedButton } from "../ui/ConfirmedButton";
import { Note } from "../ui/Note";
import { SPACE, usePalette } from "../ui/theme";

type Props = {
  item: OutboxItem;
  isSending: boolean;
  model: ModelChoice | null; // chosen now
  onResend: (item: OutboxItem) => Promise<void>;
};

/** One recording that the server does not have yet, and what can be done with it. */
export function OutboxRow(props: Props): ReactElement {
  const { item, isSending } = props;
  const { t } = useTranslation();
  const palette = usePalette();
  const { getDeviceName } = useNames();
  const state = isSending ? "sending" : item.refusal ? "refused" : "waiting";
  const machine = item.deviceId && getDeviceName(item.deviceId);
  return (
    <View style={[styles.row, { borderColor: palette.line }]} testID="outbox-item">
      <AppText variant="heading" role="none">
        {[item.modelName, machine].filter(Boolean).join(" · ")}
      </AppText>
      <AppText muted>{`${formatDateTime(item.recordedAt)} · ${t(`outbox.${state}`)}`}</AppText>
      {item.refusal && (
        <Note urgent tone="critical" icon="warning" text={formatProblem(t, item.refusal)} />
      )}
      <RowButtons {...props} />
    </View>
  );
}

function RowButtons({ item, isSending, model, onResend }: Props): ReactElement {
  const { t } = useTranslation();
  // Another model helps only where the model was refused, not the recording.
  const canResend = model && isAboutModel(item.refusal) && model.id !== item.modelId;
  return (
    <View style={styles.buttons}>
      {canResend && (
        <Button
          icon="send"
          label={t("outbox.withModel", { name: model.name })}
          onPress={() => void onResend(item)}
        />
      )}
      {isResolvable(item.refusal) && (
        <Button icon="retry" label={t("actions.retry")} onPress={() => void outbox.retry(item)} />
      )}
      <ConfirmedButton
        icon="trash"
        label={t("actions.delete")}
        question={t("outbox.deleteSure")}
        disabled={isSending}
        onConfirm={() => void outbox.remove(item.key)}
      />
    </View>
  );
}

const styles = StyleSheet.create({
  row: { gap: SPACE.s, borderBottomWidth: 1, paddingBottom: SPACE.m },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
