import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { getProblem } from "../queries/query";
import { STORED } from "../queries/stored";
import { useSession } from "../queries/useSession";
import {
  type Analysis,
  AnalysisService,
  type HistoryFilter,
  getPosition,
} from "../services/server/analysisService";
import { type Problem, unwrap } from "../services/server/problem";
import { getOwner } from "../services/server/session";

export type History = {
  value: Analysis[] | undefined; // newest first
  updatedAt: number; // ms since 1970; 0: never
  problem: Problem | null;
  isLoading: boolean;
  hasMore: boolean;
  loadMore: () => void;
  reload: () => void;
};

/** Load analyses page by page; what was loaded is readable without the server. */
export function useHistory(filter: HistoryFilter): History {
  const { i18n } = useTranslation();
  const { deviceId, isMine } = filter;
  const query = useInfiniteQuery({
    queryKey: ["history", getOwner(useSession()), deviceId, isMine, i18n.language],
    queryFn: async ({ pageParam: cursor }) =>
      unwrap(await AnalysisService.getHistory(filter, cursor)),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => getPosition(page.next, "cursor"),
    meta: STORED,
  });
  return {
    value: query.data?.pages.flatMap((page) => page.analyses),
    updatedAt: query.dataUpdatedAt,
    problem: getProblem(query.error),
    isLoading: query.isFetching,
    hasMore: query.hasNextPage,
    loadMore: () => void query.fetchNextPage(),
    reload: () => void query.refetch(),
  };
}
