import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { Loading } from "../components/Loading";
import { Page } from "../components/Page";
import { ProblemNote } from "../components/ProblemNote";
import { ResultCard } from "../components/ResultCard";
import { useAnalysis } from "../hooks/useAnalysis";

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
