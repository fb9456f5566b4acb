import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import type { Label } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { getWorst, judgeSeries } from "./series";
import type { Diagnosis } from "./useDiagnosis";

type Props = { labels: Label[]; diagnosis: Diagnosis; onConfirm: () => void };

/** What the recordings so far come to; where another one is needed, it is one tap. */
export function Confirmation({ labels, diagnosis, onConfirm }: Props): ReactElement | null {
  const { t } = useTranslation();
  const nAlarms = labels.filter((label) => label !== "NORMAL").length;
  switch (judgeSeries(labels)) {
    case "single":
      return null;
    case "unconfirmed":
      return (
        <Note tone="warning" icon="retry" text={t("diagnose.confirmWhy")}>
          <RecordAgain label={t("diagnose.confirm")} diagnosis={diagnosis} onPress={onConfirm} />
        </Note>
      );
    case "contradictory":
      return (
        <Note urgent tone="warning" icon="retry" text={t("diagnose.contradictory")}>
          <RecordAgain label={t("diagnose.third")} diagnosis={diagnosis} onPress={onConfirm} />
        </Note>
      );
    case "confirmed": {
      const text = t(`diagnose.confirmed.${getWorst(labels)}`, { n: nAlarms, of: labels.length });
      return <Note urgent tone="critical" icon="warning" text={text} />;
    }
    case "refuted":
      return <Note urgent tone="normal" icon="check" text={t("diagnose.refuted")} />;
  }
}

type RecordAgainProps = { label: string; diagnosis: Diagnosis; onPress: () => void };

/** One more recording, where the app can record one that is long enough. */
function RecordAgain({ label, diagnosis, onPress }: RecordAgainProps): ReactElement {
  const { t } = useTranslation();
  const { lengthSeconds, minSeconds: seconds } = diagnosis;
  if (lengthSeconds === null) {
    return <AppText muted>{t("diagnose.neverLongEnough", { seconds })}</AppText>;
  }
  return <Button variant="primary" icon="mic" label={label} onPress={onPress} />;
}
