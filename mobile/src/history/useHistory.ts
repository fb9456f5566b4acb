import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { AnalysisService, type Analysis, getPosition } from "../services/server/analysisService";
import { type Problem, unwrap } from "../services/server/problem";
import { getProblem } from "../queries/query";

export type History = {
  analyses: Analysis[] | undefined; // newest first
  problem: Problem | null;
  isLoading: boolean;
  hasMore: boolean;
  loadMore: () => void;
  reload: () => void;
};

export function useHistory(deviceId: string | null): History {
  const { i18n } = useTranslation();
  const query = useInfiniteQuery({
    queryKey: ["history", deviceId, i18n.language],
    queryFn: async ({ pageParam: cursor }) =>
      unwrap(await AnalysisService.getHistory(deviceId, cursor)),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => getPosition(page.next, "cursor"),
  });
  return {
    analyses: query.data?.pages.flatMap((page) => page.analyses),
    problem: getProblem(query.error),
    isLoading: query.isFetching,
    hasMore: query.hasNextPage,
    loadMore: () => void query.fetchNextPage(),
    reload: () => void query.refetch(),
  };
}
