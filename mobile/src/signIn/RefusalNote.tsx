import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import type { Problem } from "../services/server/problem";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";
import { useSecondsLeft } from "./useSecondsLeft";

/** Why nobody was signed in: a wrong password, too many of them, or too many attempts from here. */
export function RefusalNote({ problem }: { problem: Problem }): ReactElement {
  const isLock = problem.kind === "locked_out" || problem.kind === "throttled";
  if (!isLock || problem.retryAfterS === null) return <ProblemNote problem={problem} />;
  const { kind, retryAfterS } = problem;
  return <LockedNote key={`${kind} ${retryAfterS}`} kind={kind} seconds={retryAfterS} />;
}

type LockedProps = { kind: "locked_out" | "throttled"; seconds: number };

/** How long no password is checked, counting down. */
function LockedNote({ kind, seconds }: LockedProps): ReactElement {
  const { t } = useTranslation();
  const secondsLeft = useSecondsLeft(seconds);
  if (secondsLeft === 0) return <Note tone="normal" icon="check" text={t("signIn.unlocked")} />;
  const text = t(`signIn.${kind}`, { seconds: secondsLeft });
  return <Note urgent tone="warning" icon="warning" text={text} />;
}
