import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { formatDateTime } from "../i18n/format";
import { useCapabilities } from "../queries/useCapabilities";
import type { Analysis, FeedbackOutcome } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { Field } from "../ui/Field";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";
import { SPACE } from "../ui/theme";
import { FaultChoice } from "./FaultChoice";
import { OUTCOMES, useFeedbackForm } from "./useFeedbackForm";

/** Ask what was found at the machine; what was half typed is there when one comes back. */
export function FeedbackForm({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const limits = useCapabilities()?.feedback;
  const form = useFeedbackForm(analysis);
  const { outcome, fault, comment, isSaving, savedAt, problem } = form;
  return (
    <Card title={t("feedback.title")} testID="feedback">
      <AppText muted>{t("feedback.why")}</AppText>
      <OutcomeChoice outcome={outcome} onChange={form.setOutcome} />
      {outcome === "TRUE_POSITIVE" && (
        <FaultChoice codes={limits?.fault_codes ?? []} value={fault} onChange={form.setFault} />
      )}
      {outcome && (
        <>
          <Field
            label={t("feedback.comment")}
            placeholder={t("feedback.commentHint")}
            value={comment}
            onChangeText={form.setComment}
            maxLength={limits?.max_comment_length}
            multiline
          />
          <Button
            variant="primary"
            label={isSaving ? t("feedback.saving") : t("actions.save")}
            disabled={isSaving || savedAt !== null}
            onPress={form.save}
          />
        </>
      )}
      {problem && <ProblemNote problem={problem} />}
      {savedAt !== null && (
        <Note
          tone="normal"
          icon="check"
          text={t("feedback.savedAt", { when: formatDateTime(savedAt) })}
        />
      )}
    </Card>
  );
}

type OutcomeProps = {
  outcome: FeedbackOutcome | null;
  onChange: (outcome: FeedbackOutcome) => void;
};

function OutcomeChoice({ outcome, onChange }: OutcomeProps): ReactElement {
  const { t } = useTranslation();
  return (
    <View role="radiogroup" aria-label={t("feedback.title")} style={styles.buttons}>
      {OUTCOMES.map((each) => (
        <Button
          key={each}
          label={t(`feedback.${each}`)}
          selected={each === outcome}
          onPress={() => onChange(each)}
        />
      ))}
    </View>
  );
}

const styles = StyleSheet.create({
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
