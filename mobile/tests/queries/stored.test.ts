import { QueryClient } from "@tanstack/react-query";
import {
  persistQueryClientRestore,
  persistQueryClientSave,
} from "@tanstack/react-query-persist-client";

import { STORED, persistOptions } from "../../src/queries/stored";
import { OFFLINE, ProblemError } from "../../src/services/server/problem";
import { readItem, writeItem } from "../../src/services/storage/storage";

const KEPT = { staleTime: 0, gcTime: Infinity, retry: false };

async function ask(client: QueryClient, key: string, isStored: boolean): Promise<void> {
  const meta = isStored ? STORED : {};
  await client.fetchQuery({ ...KEPT, queryKey: [key], queryFn: () => `answer ${key}`, meta });
}

async function save(queryClient: QueryClient): Promise<void> {
  jest.useFakeTimers();
  await persistQueryClientSave({ ...persistOptions, queryClient });
  jest.advanceTimersByTime(2_000); // it writes once a second
  jest.useRealTimers();
}

async function restore(): Promise<QueryClient> {
  const queryClient = new QueryClient({ defaultOptions: { queries: KEPT } });
  await persistQueryClientRestore({ ...persistOptions, queryClient });
  return queryClient;
}

test("marked answers survive a restart with their time, and others do not", async () => {
  const client = new QueryClient({ defaultOptions: { queries: KEPT } });
  await ask(client, "history", true);
  await ask(client, "media", false);
  await save(client);
  const restarted = await restore();
  expect(restarted.getQueryData(["history"])).toBe("answer history");
  const updatedAt = client.getQueryState(["history"])?.dataUpdatedAt;
  expect(restarted.getQueryState(["history"])?.dataUpdatedAt).toBe(updatedAt);
  expect(restarted.getQueryData(["media"])).toBeUndefined();
});

test("an answer is kept although the server could not be reached afterwards", async () => {
  const client = new QueryClient({ defaultOptions: { queries: KEPT } });
  await ask(client, "models", true);
  const queryFn = (): Promise<string> => Promise.reject(new ProblemError(OFFLINE));
  const failing = { ...KEPT, queryKey: ["models"], queryFn, meta: STORED };
  await expect(client.fetchQuery(failing)).rejects.toThrow();
  await save(client);
  const state = (await restore()).getQueryState(["models"]);
  expect(state).toMatchObject({ data: "answer models", status: "success", error: null });
});

test.each(["{not json", '"text"', "null", '{"clientState": {}}'])(
  "stored answers that hold %p are discarded",
  async (text) => {
    jest.spyOn(console, "error").mockImplementation();
    jest.spyOn(console, "warn").mockImplementation();
    writeItem("answers", text);
    await expect(restore()).rejects.toThrow();
    expect(readItem("answers")).toBeNull();
  },
);
