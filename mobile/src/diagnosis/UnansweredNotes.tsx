import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatProblem } from "../i18n/format";
import type { Problem } from "../services/server/problem";
import { AppText } from "../ui/AppText";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";
import type { DiagnosisStep } from "./diagnosisStep";

type RefusedStep = Extract<DiagnosisStep, { kind: "refused" }>;
type RefusalProps = { step: RefusedStep; children: ReactElement };

/** Why the newest recording was refused, where its verdict would stand. */
export function RefusalNote({ step, children }: RefusalProps): ReactElement {
  const { t } = useTranslation();
  const { item, problem, isKept } = step;
  return (
    <Note urgent tone="critical" icon="warning" text={formatProblem(t, problem)}>
      {item.isFile && <AppText>{t("diagnose.refusedFile", { name: item.clipName })}</AppText>}
      {isKept && <AppText>{t("diagnose.refusedKept")}</AppText>}
      {children}
    </Note>
  );
}

type WaitingProps = { problem: Problem; children: ReactElement };

/** What becomes of a recording that the server could not judge yet. */
export function WaitingNote({ problem, children }: WaitingProps): ReactElement {
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
