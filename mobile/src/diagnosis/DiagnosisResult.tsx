import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useAnalysis } from "../result/useAnalysis";
import type { Diagnosis, DiagnosisStep } from "./useDiagnosis";
import { useOutbox } from "../outbox/useOutbox";
import type { Label } from "../services/server/analysisService";
import type { Problem } from "../services/server/problem";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";
import { ResultCard } from "../result/ResultCard";
import { UploadProgress } from "../recording/UploadProgress";

type Props = { diagnosis: Diagnosis };

/** The outcome of the recording, and what can be done next. */
export function DiagnosisResult({ diagnosis }: Props): ReactElement | null {
  const { t } = useTranslation();
  const { sending } = useOutbox();
  const { step, reset } = diagnosis;
  const newRecording = <Button icon="mic" label={t("diagnose.again")} onPress={reset} />;
  switch (step.kind) {
    case "ready":
      return null;
    case "sending":
      return <UploadProgress fraction={sending?.fraction ?? 0} seconds={step.seconds} />;
    case "not_stored":
      return <Note urgent tone="critical" icon="warning" text={t("diagnose.notStored")} />;
    case "refused":
      return newRecording; // the outbox shows why
    case "waiting":
      return <WaitingNote problem={step.problem}>{newRecording}</WaitingNote>;
    case "done":
      return <CompletedAnalysis key={step.analysis.id} step={step} diagnosis={diagnosis} />;
  }
}

type WaitingProps = { problem: Problem; children: ReactElement };

function WaitingNote({ problem, children }: WaitingProps): ReactElement {
  const { t } = useTranslation();
  if (problem.kind === "offline") {
    return (
      <Note urgent tone="warning" icon="offline" text={t("diagnose.queued")}>
        {children}
      </Note>
    );
  }
  return (
    <>
      <ProblemNote problem={problem} />
      <Note urgent tone="warning" icon="retry" text={t("diagnose.willRetry")}>
        {children}
      </Note>
    </>
  );
}

type DoneStep = Extract<DiagnosisStep, { kind: "done" }>;
type CompletedProps = { step: DoneStep; diagnosis: Diagnosis };

function CompletedAnalysis({ step, diagnosis }: CompletedProps): ReactElement {
  const { t } = useTranslation();
  const { seconds, previousLabel } = step;
  // Loaded again for its summary in the language chosen now.
  const analysis = useAnalysis(step.analysis.id).value ?? step.analysis;
  const needsConfirmation = analysis.label !== "NORMAL" && !previousLabel;
  return (
    <>
      {seconds !== null && (
        <AppText variant="small" muted testID="recorded">
          {t("diagnose.recorded", { seconds: seconds.toFixed(1) })}
        </AppText>
      )}
      <ResultCard analysis={analysis}>
        {previousLabel && <Confirmation label={analysis.label} />}
        {needsConfirmation && (
          <ConfirmationRequest
            diagnosis={diagnosis}
            onConfirm={() => diagnosis.confirm(analysis)}
          />
        )}
        <Button icon="mic" label={t("diagnose.again")} onPress={diagnosis.reset} />
      </ResultCard>
    </>
  );
}

type RequestProps = { diagnosis: Diagnosis; onConfirm: () => void };

/** Ask for a second recording, where the app can record one that is long enough. */
function ConfirmationRequest({ diagnosis, onConfirm }: RequestProps): ReactElement {
  const { t } = useTranslation();
  const { lengthSeconds, minSeconds: seconds } = diagnosis;
  return (
    <Note tone="warning" icon="retry" text={t("diagnose.confirmWhy")}>
      {lengthSeconds === null ? (
        <AppText muted>{t("diagnose.neverLongEnough", { seconds })}</AppText>
      ) : (
        <Button variant="primary" icon="mic" label={t("diagnose.confirm")} onPress={onConfirm} />
      )}
    </Note>
  );
}

/** The joint verdict of two recordings in a row; how urgent it is depends on the second. */
function Confirmation({ label }: { label: Label }): ReactElement {
  const { t } = useTranslation();
  const tone = label === "NORMAL" ? "warning" : "critical";
  return <Note urgent tone={tone} icon="warning" text={t(`diagnose.confirmed.${label}`)} />;
}
