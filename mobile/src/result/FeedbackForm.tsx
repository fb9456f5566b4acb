import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { useFeedback } from "./useFeedback";
import type { Analysis, FeedbackOutcome } from "../services/server/analysisService";
import { SPACE } from "../ui/theme";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { Field } from "../ui/Field";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";

const OUTCOMES: FeedbackOutcome[] = ["TRUE_POSITIVE", "FALSE_POSITIVE", "IGNORE"];
const MAX_COMMENT_LENGTH = 2000;

/** Ask what was found at the machine. */
export function FeedbackForm({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { submit, markChanged, isSaving, isSaved, problem } = useFeedback(analysis.id);
  const [outcome, setOutcome] = useState<FeedbackOutcome | null>(
    analysis.feedback?.verdict ?? null,
  );
  const [comment, setComment] = useState(analysis.feedback?.comment ?? "");

  const changeOutcome = (next: FeedbackOutcome): void => {
    setOutcome(next);
    markChanged();
  };
  const changeComment = (next: string): void => {
    setComment(next);
    markChanged();
  };
  const save = (verdict: FeedbackOutcome): void => {
    // Other clients set the fault code; feedback is replaced as a whole, so it is sent back.
    const faultCode = analysis.feedback?.fault_code ?? "";
    submit({ verdict, comment, fault_code: faultCode });
  };
  return (
    <Card title={t("feedback.title")} testID="feedback">
      <AppText muted>{t("feedback.why")}</AppText>
      <View role="radiogroup" aria-label={t("feedback.title")} style={styles.buttons}>
        {OUTCOMES.map((each) => (
          <Button
            key={each}
            label={t(`feedback.${each}`)}
            selected={each === outcome}
            onPress={() => changeOutcome(each)}
          />
        ))}
      </View>
      {outcome && (
        <>
          <Field
            label={t("feedback.comment")}
            placeholder={t("feedback.commentHint")}
            value={comment}
            onChangeText={changeComment}
            maxLength={MAX_COMMENT_LENGTH}
            multiline
          />
          <Button
            variant="primary"
            label={isSaving ? t("feedback.saving") : t("actions.save")}
            disabled={isSaving}
            onPress={() => save(outcome)}
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
