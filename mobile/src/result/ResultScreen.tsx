import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { Loading } from "../ui/Loading";
import { Page } from "../ui/Page";
import { ProblemNote } from "../ui/ProblemNote";
import { ResultCard } from "./ResultCard";
import { useAnalysis } from "./useAnalysis";

/** An earlier result, opened from the history. */
export function ResultScreen({ analysisId }: { analysisId: string }): ReactElement {
  const { t } = useTranslation();
  const { value, problem, reload } = useAnalysis(analysisId);
  return (
    <Page>
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {!value && !problem && <Loading text={t("result.loading")} />}
      {value && <ResultCard analysis={value} />}
    </Page>
  );
}
