import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { type Known, type QueryState, useStoredQuery } from "../queries/query";
import { useSession } from "../queries/useSession";
import {
  type Analysis,
  type AnalysisPage,
  AnalysisService,
} from "../services/server/analysisService";
import { getOwner } from "../services/server/session";

/** Load one analysis, with its summary in the language of the app. */
export function useAnalysis(id: string): QueryState<Analysis> {
  const { i18n } = useTranslation();
  const queries = useQueryClient();
  const key = ["analysis", id, getOwner(useSession()), i18n.language];
  const findKnown = (): Known<Analysis> | undefined => findInHistory(queries, id);
  return useStoredQuery(key, () => AnalysisService.getAnalysis(id), { findKnown });
}

/** Return an analysis that a list has loaded already. */
function findInHistory(queries: QueryClient, id: string): Known<Analysis> | undefined {
  for (const { queryKey, state } of queries.getQueryCache().findAll({ queryKey: ["history"] })) {
    const list = queries.getQueryData<InfiniteData<AnalysisPage>>(queryKey);
    const analyses = list?.pages.flatMap((page) => page.analyses) ?? [];
    const value = analyses.find((analysis) => analysis.id === id);
    if (value) return { value, updatedAt: state.dataUpdatedAt };
  }
  return undefined;
}
