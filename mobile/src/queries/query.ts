import { QueryClient, useQuery } from "@tanstack/react-query";

import { type Outcome, type Problem, ProblemError, unwrap } from "../services/server/problem";
import { getSessionState, onSessionChange } from "../services/server/session";
import { readItem, writeItem } from "../services/storage/storage";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A plant's network may reach our server only, which the browser would call offline.
      networkMode: "always",
      retry: false,
      refetchOnMount: "always",
      throwOnError: isBug,
    },
    mutations: { networkMode: "always", throwOnError: isBug },
  },
});

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
  problem: Problem | null;
  isLoading: boolean;
  reload: () => void;
};

type Key = readonly (string | number | null)[];

/** Load one thing from the server. */
export function useServerQuery<T>(key: Key, load: () => Promise<Outcome<T>>): QueryState<T> {
  const query = useQuery({ queryKey: key, queryFn: async () => unwrap(await load()) });
  return toQueryState(query);
}

/** Load one thing from the server and, until it answers, show the value stored last time. */
export function useStoredQuery<T>(key: Key, load: () => Promise<Outcome<T>>): QueryState<T> {
  const itemName = key.join(" ").replace(/[^\w-]+/g, "_");
  const query = useQuery({
    queryKey: key,
    queryFn: async () => {
      const value = unwrap(await load());
      writeItem(itemName, JSON.stringify(value));
      return value;
    },
    initialData: () => parseItem<T>(readItem(itemName)),
    initialDataUpdatedAt: 0,
  });
  return toQueryState(query);
}

function parseItem<T>(text: string | null): T | undefined {
  return text === null ? undefined : (JSON.parse(text) as T);
}

type Query<T> = {
  data: T | undefined;
  error: Error | null;
  isFetching: boolean;
  refetch: () => unknown;
};

function toQueryState<T>({ data, error, isFetching, refetch }: Query<T>): QueryState<T> {
  return {
    value: data,
    problem: getProblem(error),
    isLoading: isFetching,
    reload: () => void refetch(),
  };
}
