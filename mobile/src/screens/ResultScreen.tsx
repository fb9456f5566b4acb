import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { Page } from "../components/Page";
import { ProblemNote } from "../components/ProblemNote";
import { ResultCard } from "../components/ResultCard";
import { Waiting } from "../components/Loading";
import { useAnalysis } from "../hooks/useAnalysis";

/** An old result, opened again. */
export function ResultScreen({ analysisId }: { analysisId: string }): ReactElement {
  const { t } = useTranslation();
  const { value, problem, reload } = useAnalysis(analysisId);
  return (
    <Page>
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {!value && !problem && <Waiting text={t("result.loading")} />}
      {value && <ResultCard analysis={value} />}
    </Page>
  );
}
