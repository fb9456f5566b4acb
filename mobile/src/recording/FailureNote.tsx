import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { Note } from "../ui/Note";
import type { RecorderState } from "./useRecorder";

type Failure = Extract<RecorderState, { step: "failed" }>;

/** Why there is no recording; after how long, where one was being made. */
export function FailureNote({ reason, seconds }: Failure): ReactElement {
  const { t } = useTranslation();
  const why = t(`microphone.${reason}`);
  const text =
    seconds > 0 ? t("microphone.ended", { seconds: seconds.toFixed(1), why }) : why;
  return <Note urgent tone="critical" icon="mic" text={text} />;
}
