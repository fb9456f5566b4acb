import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useAnalysis } from "../hooks/useAnalysis";
import type { Diagnosis } from "../hooks/useDiagnosisLogic";
import { useOutbox } from "../hooks/useOutbox";
import type { Analysis, Label } from "../services/analysisService";
import { Button } from "./Button";
import { Note } from "./Note";
import { ProblemNote } from "./ProblemNote";
import { ResultCard } from "./ResultCard";
import { UploadProgress } from "./UploadProgress";
import { Words } from "./AppText";

type Props = { diagnosis: Diagnosis };

/** What became of the recording, and the way on. */
export function DiagnosisResult({ diagnosis }: Props): ReactElement | null {
  const { t } = useTranslation();
  const { sending } = useOutbox();
  const { step, startOver } = diagnosis;
  const again = <Button icon="mic" label={t("diagnose.again")} onPress={startOver} />;
  if (step.kind === "ready") return null;
  if (step.kind === "sending") return <UploadProgress fraction={sending?.fraction ?? 0} seconds={step.seconds} />;
  if (step.kind === "unkept") return <Note urgent tone="critical" icon="warning" text={t("diagnose.notKept")} />;
  if (step.kind === "refused") return again; // why is told where the recording lies
  if (step.kind === "waiting") {
    const isAway = step.problem.kind === "offline";
    return (
      <>
        {!isAway && <ProblemNote problem={step.problem} />}
        <Note urgent tone="warning" icon={isAway ? "offline" : "retry"} text={isAway ? t("diagnose.queued") : t("diagnose.kept")}>
          {again}
        </Note>
      </>
    );
  }
  return <Finished key={step.analysis.id} {...step} diagnosis={diagnosis} />;
}

type FinishedProps = { analysis: Analysis; seconds: number | null; earlier: Label | null; diagnosis: Diagnosis };

function Finished({ analysis, seconds, earlier, diagnosis }: FinishedProps): ReactElement {
  const { t } = useTranslation();
  const current = useAnalysis(analysis.id).value ?? analysis; // in the language that is chosen now
  const isNormal = current.label === "NORMAL";
  return (
    <>
      {seconds !== null && (
        <Words kind="small" muted testID="recorded">
          {t("diagnose.recorded", { seconds: seconds.toFixed(1) })}
        </Words>
      )}
      <ResultCard analysis={current}>
        {earlier && <Confirmation label={current.label} />}
        {!isNormal && !earlier && (
          <Note tone="warning" icon="retry" text={t("diagnose.confirmWhy")}>
            {diagnosis.lengthSeconds === null ? (
              <Words muted>{t("diagnose.neverLongEnough", { seconds: diagnosis.leastSeconds })}</Words>
            ) : (
              <Button
                kind="primary"
                icon="mic"
                label={t("diagnose.confirm")}
                onPress={() => diagnosis.confirm(current)}
              />
            )}
          </Note>
        )}
        <Button icon="mic" label={t("diagnose.again")} onPress={diagnosis.startOver} />
      </ResultCard>
    </>
  );
}

/** What two recordings in a row come to; how urgent it is, the second says. */
function Confirmation({ label }: { label: Label }): ReactElement {
  const { t } = useTranslation();
  const isNormal = label === "NORMAL";
  return <Note urgent tone={isNormal ? "warning" : "critical"} icon="warning" text={t(`diagnose.second.${label}`)} />;
}
