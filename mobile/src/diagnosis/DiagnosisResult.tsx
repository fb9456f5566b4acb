import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { useOutbox } from "../outbox/useOutbox";
import { UploadProgress } from "../recording/UploadProgress";
import { ResultCard } from "../result/ResultCard";
import { useAnalysis } from "../result/useAnalysis";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { SPACE } from "../ui/theme";
import { Confirmation } from "./Confirmation";
import type { DiagnosisStep } from "./diagnosisStep";
import { RefusalNote, WaitingNote } from "./UnansweredNotes";
import type { Diagnosis } from "./useDiagnosis";

type Props = { diagnosis: Diagnosis };

/** The outcome of the newest recording, whatever it is, and what can be done next. */
export function DiagnosisResult({ diagnosis }: Props): ReactElement | null {
  const { t } = useTranslation();
  const { sending } = useOutbox();
  const { step, reset } = diagnosis;
  switch (step.kind) {
    case "ready":
      return null;
    case "sending":
      return <UploadProgress fraction={sending?.fraction ?? 0} seconds={step.seconds} />;
    case "not_stored":
      return <Note urgent tone="critical" icon="warning" text={t("diagnose.notStored")} />;
    case "refused":
      return (
        <RefusalNote step={step}>
          <Button icon="retry" label={t("diagnose.tryAnother")} onPress={reset} />
        </RefusalNote>
      );
    case "waiting":
      return (
        <WaitingNote problem={step.problem}>
          <NextButtons diagnosis={diagnosis} />
        </WaitingNote>
      );
    case "done":
      return <CompletedAnalysis key={step.analysis.id} step={step} diagnosis={diagnosis} />;
  }
}

type DoneStep = Extract<DiagnosisStep, { kind: "done" }>;
type CompletedProps = { step: DoneStep; diagnosis: Diagnosis };

function CompletedAnalysis({ step, diagnosis }: CompletedProps): ReactElement {
  const { t } = useTranslation();
  const { seconds, earlier } = step;
  // Loaded again for its summary in the language chosen now.
  const analysis = useAnalysis(step.analysis.id).value ?? step.analysis;
  return (
    <>
      {seconds !== null && (
        <AppText variant="small" muted testID="recorded">
          {t("diagnose.recorded", { seconds: seconds.toFixed(1) })}
        </AppText>
      )}
      <ResultCard analysis={analysis}>
        <Confirmation
          labels={[...earlier, analysis.label]}
          diagnosis={diagnosis}
          onConfirm={() => diagnosis.confirm(analysis, earlier)}
        />
        <NextButtons diagnosis={diagnosis} />
      </ResultCard>
    </>
  );
}

/** The next recording of the same machine is one tap away. */
function NextButtons({ diagnosis }: Props): ReactElement {
  const { t } = useTranslation();
  return (
    <View style={styles.buttons}>
      {diagnosis.lengthSeconds !== null && (
        <Button icon="mic" label={t("diagnose.again")} onPress={diagnosis.record} />
      )}
      <Button
        variant="quiet"
        icon="file"
        label={t("diagnose.pickFile")}
        onPress={() => void diagnosis.pickFile()}
      />
    </View>
  );
}

const styles = StyleSheet.create({
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
