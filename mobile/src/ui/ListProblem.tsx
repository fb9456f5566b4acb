import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatDateTime } from "../i18n/format";
import type { Problem } from "../services/server/problem";
import { Button } from "./Button";
import { Note } from "./Note";
import { ProblemNote } from "./ProblemNote";

type Props = {
  query: { problem: Problem | null; value: unknown; updatedAt: number; reload: () => void };
};

/** Why something could not be loaded, and since when what is shown instead is known. */
export function ListProblem({ query }: Props): ReactElement | null {
  const { t } = useTranslation();
  const { problem, value, updatedAt, reload } = query;
  if (!problem) return null;
  if (problem.kind !== "offline" || value === undefined || updatedAt === 0) {
    return <ProblemNote problem={problem} onRetry={reload} />;
  }
  const when = formatDateTime(new Date(updatedAt).toISOString());
  return (
    <Note urgent tone="warning" icon="offline" text={t("problem.offlineAsOf", { when })}>
      <Button label={t("actions.retry")} icon="retry" onPress={reload} />
    </Note>
  );
}
