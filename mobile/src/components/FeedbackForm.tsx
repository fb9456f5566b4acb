import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { useFeedback } from "../hooks/useFeedback";
import type { Analysis, FeedbackVerdict } from "../services/analysisService";
import { SPACE } from "../theme";
import { Button } from "./Button";
import { Card } from "./Card";
import { Field } from "./Field";
import { Note } from "./Note";
import { ProblemNote } from "./ProblemNote";
import { Words } from "./AppText";

const VERDICTS: FeedbackVerdict[] = ["TRUE_POSITIVE", "FALSE_POSITIVE", "IGNORE"];
const MAX_COMMENT = 2000;

/** What really was the matter, from the one who looked. */
export function FeedbackForm({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { give, change, isSaving, isSaved, problem } = useFeedback(analysis.id);
  const [verdict, setVerdict] = useState<FeedbackVerdict | null>(analysis.feedback?.verdict ?? null);
  const [comment, setComment] = useState(analysis.feedback?.comment ?? "");
  const faultCode = analysis.feedback?.fault_code ?? ""; // given elsewhere: the server takes feedback whole
  const choose = (chosen: FeedbackVerdict): void => {
    setVerdict(chosen);
    change();
  };
  const write = (text: string): void => {
    setComment(text);
    change();
  };
  const save = (chosen: FeedbackVerdict): void => give({ verdict: chosen, comment, fault_code: faultCode });
  return (
    <Card title={t("feedback.title")} testID="feedback">
      <Words muted>{t("feedback.why")}</Words>
      <View role="radiogroup" aria-label={t("feedback.title")} style={styles.buttons}>
        {VERDICTS.map((each) => (
          <Button key={each} label={t(`feedback.${each}`)} selected={each === verdict} onPress={() => choose(each)} />
        ))}
      </View>
      {verdict && (
        <>
          <Field
            label={t("feedback.comment")}
            placeholder={t("feedback.commentHint")}
            value={comment}
            onChangeText={write}
            maxLength={MAX_COMMENT}
            multiline
          />
          <Button
            kind="primary"
            label={isSaving ? t("feedback.saving") : t("actions.save")}
            disabled={isSaving}
            onPress={() => save(verdict)}
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
