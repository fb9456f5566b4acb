import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import type { QueryState } from "../queries/query";
import { Button } from "./Button";
import { Note } from "./Note";
import { ProblemNote } from "./ProblemNote";

type Props = { query: QueryState<unknown>; stale: string }; // stale: the text for a stored list

/** Why a list could not be loaded, and whether the stored list is shown instead. */
export function ListProblem({ query, stale }: Props): ReactElement | null {
  const { t } = useTranslation();
  const { problem, value, reload } = query;
  if (!problem) return null;
  const isStoredListShown = problem.kind === "offline" && value !== undefined;
  if (!isStoredListShown) return <ProblemNote problem={problem} onRetry={reload} />;
  return (
    <Note urgent tone="warning" icon="offline" text={stale}>
      <Button label={t("actions.retry")} icon="retry" onPress={reload} />
    </Note>
  );
}
