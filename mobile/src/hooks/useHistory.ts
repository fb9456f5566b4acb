import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { AnalysisService, type Analysis, positionIn } from "../services/analysisService";
import { type Problem, unwrap } from "../services/problem";
import { problemIn } from "./query";

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
    queryFn: async ({ pageParam }) => unwrap(await AnalysisService.getHistory(deviceId, pageParam)),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => positionIn(page.next, "cursor"),
  });
  return {
    analyses: query.data?.pages.flatMap((page) => page.analyses),
    problem: problemIn(query.error),
    isLoading: query.isFetching,
    hasMore: query.hasNextPage,
    loadMore: () => void query.fetchNextPage(),
    reload: () => void query.refetch(),
  };
}
