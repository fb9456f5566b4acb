import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { useDraft } from "../queries/useDraft";
import type { Analysis, FeedbackOutcome } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { Field } from "../ui/Field";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";
import { SPACE } from "../ui/theme";
import { useFeedback } from "./useFeedback";

const OUTCOMES: FeedbackOutcome[] = ["TRUE_POSITIVE", "FALSE_POSITIVE", "IGNORE"];
const MAX_COMMENT_LENGTH = 2000;

/** Ask what was found at the machine; what was half typed is there when one comes back. */
export function FeedbackForm({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { id, feedback } = analysis;
  const { submit, markChanged, isSaving, isSaved, problem } = useFeedback(id);
  const outcome = useDraft(`outcome ${id}`, feedback?.verdict ?? "");
  const comment = useDraft(`comment ${id}`, feedback?.comment ?? "");
  const chosen = OUTCOMES.find((each) => each === outcome.text);

  const save = (verdict: FeedbackOutcome): void => {
    // Other clients set the fault code; feedback is replaced as a whole, so it is sent back.
    const faultCode = feedback?.fault_code ?? "";
    submit({ verdict, comment: comment.text, fault_code: faultCode }, () => {
      outcome.forget();
      comment.forget();
    });
  };
  return (
    <Card title={t("feedback.title")} testID="feedback">
      <AppText muted>{t("feedback.why")}</AppText>
      <View role="radiogroup" aria-label={t("feedback.title")} style={styles.buttons}>
        {OUTCOMES.map((each) => (
          <Button
            key={each}
            label={t(`feedback.${each}`)}
            selected={each === chosen}
            onPress={() => {
              outcome.setText(each);
              markChanged();
            }}
          />
        ))}
      </View>
      {chosen && (
        <>
          <Field
            label={t("feedback.comment")}
            placeholder={t("feedback.commentHint")}
            value={comment.text}
            onChangeText={(next) => {
              comment.setText(next);
              markChanged();
            }}
            maxLength={MAX_COMMENT_LENGTH}
            multiline
          />
          <Button
            variant="primary"
            label={isSaving ? t("feedback.saving") : t("actions.save")}
            disabled={isSaving}
            onPress={() => save(chosen)}
          />
        </>
      )}
      {problem && <ProblemNote problem={problem} />}
      {isSaved && <Note tone="normal" icon="check" text={t("feedback.saved")} />}
    </Card>
  );
}

const styles = StyleSheet.create({
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
