import { type RouteProp, useRoute } from "@react-navigation/native";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import type { Routes } from "../navigation/routes";
import { ListProblem } from "../ui/ListProblem";
import { Loading } from "../ui/Loading";
import { Page } from "../ui/Page";
import { ResultFeedback, ResultVerdict } from "./ResultCard";
import { useAnalysis } from "./useAnalysis";

/** One result, opened from the history or by its address. */
export function ResultScreen(): ReactElement {
  const { t } = useTranslation();
  const { id } = useRoute<RouteProp<Routes, "Result">>().params;
  const query = useAnalysis(id);
  const { value, problem } = query;
  return (
    <Page aside={value && <ResultFeedback analysis={value} />}>
      <ListProblem query={query} />
      {!value && !problem && <Loading text={t("result.loading")} />}
      {value && <ResultVerdict analysis={value} />}
    </Page>
  );
}
