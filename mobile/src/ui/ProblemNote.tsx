import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatProblem } from "../i18n/format";
import type { Problem } from "../services/server/problem";
import { Button } from "./Button";
import { Note } from "./Note";

type Props = { problem: Problem; onRetry?: () => void };

export function ProblemNote({ problem, onRetry }: Props): ReactElement {
  const { t } = useTranslation();
  const isOffline = problem.kind === "offline";
  return (
    <Note
      urgent
      tone={isOffline ? "warning" : "critical"}
      icon={isOffline ? "offline" : "warning"}
      text={formatProblem(t, problem)}
    >
      {onRetry && <Button label={t("actions.retry")} icon="retry" onPress={onRetry} />}
    </Note>
  );
}
