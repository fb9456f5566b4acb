import { useTranslation } from "react-i18next";

import { AnalysisService, type Analysis } from "../services/server/analysisService";
import { type QueryState, useServerQuery } from "../queries/query";

/** Load one analysis, with its summary in the language of the app. */
export function useAnalysis(id: string): QueryState<Analysis> {
  const { i18n } = useTranslation();
  const key = ["analysis", id, i18n.language];
  return useServerQuery(key, () => AnalysisService.getAnalysis(id));
}
