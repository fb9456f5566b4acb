import { QueryClient, useQuery } from "@tanstack/react-query";

import { type Outcome, type Problem, ProblemError, unwrap } from "../services/server/problem";
import { getSessionState, onSessionChange } from "../services/server/session";
import { STORED, STORED_FOR_MS } from "./stored";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A plant's network may reach our server only, which the browser would call offline.
      networkMode: "always",
      retry: false,
      refetchOnMount: "always",
      throwOnError: isBug,
      gcTime: STORED_FOR_MS, // what is forgotten is no longer stored either
    },
    mutations: { networkMode: "always", throwOnError: isBug },
  },
});

queryClient.setQueryDefaults(["media"], { gcTime: 5 * 60 * 1000 }); // sounds are large

// The next user must not see what the previous one loaded.
onSessionChange(() => {
  if (getSessionState().status === "out") queryClient.clear();
});

function isBug(error: Error): boolean {
  return !(error instanceof ProblemError);
}

export function getProblem(error: Error | null): Problem | null {
  return error instanceof ProblemError ? error.problem : null;
}

export type QueryState<T> = {
  value: T | undefined;
  updatedAt: number; // ms since 1970: when the server gave this value; 0: never
  problem: Problem | null;
  isLoading: boolean;
  reload: () => void;
};

type Key = readonly (string | number | null)[];
type Load<T> = () => Promise<Outcome<T>>;

/** Load one thing from the server. */
export function useServerQuery<T>(key: Key, load: Load<T>): QueryState<T> {
  return toQueryState(useQuery({ queryKey: key, queryFn: async () => unwrap(await load()) }));
}

/** What another answer of the server held. */
export type Known<T> = { value: T; updatedAt: number };

type StoredOptions<T> = {
  findKnown?: () => Known<T> | undefined; // shown until the server answers
  staleTime?: number;
};

/** Load one thing from the server and, until it answers, show the value stored last time. */
export function useStoredQuery<T>(
  key: Key,
  load: Load<T>,
  { findKnown, staleTime }: StoredOptions<T> = {},
): QueryState<T> {
  const query = useQuery<T>({
    queryKey: key,
    queryFn: async () => unwrap(await load()),
    meta: STORED,
    ...(findKnown && {
      initialData: () => findKnown()?.value,
      initialDataUpdatedAt: () => findKnown()?.updatedAt,
    }),
    ...(staleTime !== undefined && { staleTime, refetchOnMount: true }),
  });
  return toQueryState(query);
}

type Query<T> = {
  data: T | undefined;
  dataUpdatedAt: number;
  error: Error | null;
  isFetching: boolean;
  refetch: () => unknown;
};

function toQueryState<T>(query: Query<T>): QueryState<T> {
  return {
    value: query.data,
    updatedAt: query.dataUpdatedAt,
    problem: getProblem(query.error),
    isLoading: query.isFetching,
    reload: () => void query.refetch(),
  };
}
