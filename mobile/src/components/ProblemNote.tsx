import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { problemWords } from "../i18n/format";
import type { Problem } from "../services/problem";
import { Button } from "./Button";
import { Note } from "./Note";

type Props = { problem: Problem; onRetry?: () => void };

export function ProblemNote({ problem, onRetry }: Props): ReactElement {
  const { t } = useTranslation();
  const isAway = problem.kind === "offline";
  return (
    <Note urgent tone={isAway ? "warning" : "critical"} icon={isAway ? "offline" : "warning"} text={problemWords(t, problem)}>
      {onRetry && <Button label={t("actions.retry")} icon="retry" onPress={onRetry} />}
    </Note>
  );
}
