import { QueryClient, useQuery } from "@tanstack/react-query";

import { readNote, writeNote } from "../services/storage";
import { type Outcome, type Problem, ProblemError, unwrap } from "../services/problem";
import { onSessionChange, sessionState } from "../services/session";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A plant's network may reach the server and nothing else: the browser's idea of "online" is not ours.
      networkMode: "always",
      retry: false,
      refetchOnMount: "always",
      throwOnError: isBug,
    },
    mutations: { networkMode: "always", throwOnError: isBug },
  },
});

// What one person was answered is not for the next.
onSessionChange(() => {
  if (sessionState().status === "out") queryClient.clear();
});

function isBug(error: Error): boolean {
  return !(error instanceof ProblemError);
}

export function problemIn(error: Error | null): Problem | null {
  return error instanceof ProblemError ? error.problem : null;
}

export type Loaded<T> = {
  value: T | undefined;
  problem: Problem | null;
  isLoading: boolean;
  reload: () => void;
};

type Key = readonly (string | number | null)[];

/** Ask the server for one thing. */
export function useLoaded<T>(key: Key, load: () => Promise<Outcome<T>>): Loaded<T> {
  const query = useQuery({ queryKey: key, queryFn: async () => unwrap(await load()) });
  return loaded(query);
}

/** Ask the server for one thing, and until it answers show what it said last, also after a restart. */
export function useKept<T>(key: Key, load: () => Promise<Outcome<T>>): Loaded<T> {
  const note = key.join(" ").replace(/[^\w-]+/g, "_");
  const query = useQuery({
    queryKey: key,
    queryFn: async () => {
      const value = unwrap(await load());
      writeNote(note, JSON.stringify(value));
      return value;
    },
    initialData: () => parseNote<T>(readNote(note)),
    initialDataUpdatedAt: 0,
  });
  return loaded(query);
}

function parseNote<T>(text: string | null): T | undefined {
  return text === null ? undefined : (JSON.parse(text) as T);
}

type Query<T> = { data: T | undefined; error: Error | null; isFetching: boolean; refetch: () => unknown };

function loaded<T>({ data, error, isFetching, refetch }: Query<T>): Loaded<T> {
  return { value: data, problem: problemIn(error), isLoading: isFetching, reload: () => void refetch() };
}
