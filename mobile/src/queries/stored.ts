import { createSyncStoragePersister } from "@tanstack/query-sync-storage-persister";
import {
  type PersistQueryClientProviderProps,
  type PersistedClient,
  removeOldestQuery,
} from "@tanstack/react-query-persist-client";

import { readItem, removeItem, writeItem } from "../services/storage/storage";

/** How long answers of the server are readable without it. */
export const STORED_FOR_MS = 20 * 24 * 60 * 60 * 1000;

/** Marks a query whose answer is stored. */
export const STORED = { isStored: true };

// A release that reads answers differently raises this: older ones are then discarded.
const FORMAT = "1";

const persister = createSyncStoragePersister({
  storage: { getItem: readItem, setItem: writeItem, removeItem },
  key: "answers",
  serialize: (client) => JSON.stringify(withoutErrors(client)),
  deserialize: parseStored,
  retry: removeOldestQuery, // the storage is full
});

export const persistOptions: PersistQueryClientProviderProps["persistOptions"] = {
  persister,
  maxAge: STORED_FOR_MS,
  buster: FORMAT,
  dehydrateOptions: {
    shouldDehydrateQuery: ({ meta, state }) =>
      meta?.isStored === true && state.data !== undefined,
    shouldDehydrateMutation: () => false,
  },
};

/** Store each answer as good: what failed afterwards says nothing after a restart. */
function withoutErrors(client: PersistedClient): PersistedClient {
  const queries = client.clientState.queries.map((query) => ({
    ...query,
    state: { ...query.state, status: "success" as const, error: null, fetchFailureReason: null },
  }));
  return { ...client, clientState: { ...client.clientState, queries } };
}

/** Parse what was stored; whatever is not ours is an error, and then discarded. */
function parseStored(text: string): PersistedClient {
  const stored: unknown = JSON.parse(text);
  if (!isStoredClient(stored)) throw new TypeError("The stored answers are damaged.");
  return stored;
}

function isStoredClient(stored: unknown): stored is PersistedClient {
  if (typeof stored !== "object" || stored === null || !("clientState" in stored)) return false;
  const { clientState } = stored;
  if (typeof clientState !== "object" || clientState === null) return false;
  return "queries" in clientState && Array.isArray(clientState.queries);
}
