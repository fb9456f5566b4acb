import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import type { Problem } from "../services/server/problem";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";
import { useSecondsLeft } from "./useSecondsLeft";

/** Why nobody was signed in: a wrong password and too many of them are two things. */
export function RefusalNote({ problem }: { problem: Problem }): ReactElement {
  if (problem.kind !== "locked_out" || problem.retryAfterS === null) {
    return <ProblemNote problem={problem} />;
  }
  return <LockedNote key={problem.retryAfterS} seconds={problem.retryAfterS} />;
}

/** How long no password is checked, counting down. */
function LockedNote({ seconds }: { seconds: number }): ReactElement {
  const { t } = useTranslation();
  const secondsLeft = useSecondsLeft(seconds);
  if (secondsLeft === 0) return <Note tone="normal" icon="check" text={t("signIn.unlocked")} />;
  const text = t("signIn.locked", { seconds: secondsLeft });
  return <Note urgent tone="warning" icon="warning" text={text} />;
}
