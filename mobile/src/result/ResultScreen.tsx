import { type RouteProp, useRoute } from "@react-navigation/native";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import type { Routes } from "../navigation/routes";
import { Loading } from "../ui/Loading";
import { Page } from "../ui/Page";
import { ProblemNote } from "../ui/ProblemNote";
import { ResultCard } from "./ResultCard";
import { useAnalysis } from "./useAnalysis";

/** One result, opened from the history or by its address. */
export function ResultScreen(): ReactElement {
  const { t } = useTranslation();
  const { id } = useRoute<RouteProp<Routes, "Result">>().params;
  const { value, problem, reload } = useAnalysis(id);
  return (
    <Page>
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {!value && !problem && <Loading text={t("result.loading")} />}
      {value && <ResultCard analysis={value} />}
    </Page>
  );
}
