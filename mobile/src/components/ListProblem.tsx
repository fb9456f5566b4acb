import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import type { Loaded } from "../hooks/query";
import { Button } from "./Button";
import { Note } from "./Note";
import { ProblemNote } from "./ProblemNote";

type Props = { loaded: Loaded<unknown>; stale: string }; // what to say of a list of last time

/** Why a list could not be loaded, and what is shown in its place. */
export function ListProblem({ loaded: { problem, value, reload }, stale }: Props): ReactElement | null {
  const { t } = useTranslation();
  if (!problem) return null;
  if (problem.kind !== "offline" || value === undefined) return <ProblemNote problem={problem} onRetry={reload} />;
  return (
    <Note urgent tone="warning" icon="offline" text={stale}>
      <Button label={t("actions.retry")} icon="retry" onPress={reload} />
    </Note>
  );
}
