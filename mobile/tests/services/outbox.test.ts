import type { Clip } from "../../src/services/files/clip";
import { Outbox, outbox as fieldOutbox } from "../../src/services/outbox/outbox";
import type { OutboxItem } from "../../src/services/outbox/outboxItem";
import { type Analysis, AnalysisService } from "../../src/services/server/analysisService";
import {
  OFFLINE,
  type Outcome,
  type Problem,
  SIGNED_OUT,
  fail,
  succeed,
} from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { CLIP, SESSION, analysis, outboxItem } from "../support/examples";
import { MemoryStore } from "../support/memoryStore";

const REFUSAL: Problem = { kind: "rejected", code: "model_inactive", detail: "" };
const OWNER = outboxItem("any").owner;

type Send = jest.Mock<Promise<Outcome<Analysis>>, [OutboxItem, Clip, (fraction: number) => void]>;

type Setup = { outbox: Outbox; store: MemoryStore; send: Send };

function createOutbox(answer: Outcome<Analysis>): Setup {
  const store = new MemoryStore();
  const send: Send = jest.fn().mockResolvedValue(answer);
  return { outbox: new Outbox(store, send), store, send };
}

async function submit(outbox: Outbox, key: string): Promise<string> {
  await outbox.add(outboxItem(key), CLIP);
  return (await outbox.sendNow(outboxItem(key))).kind;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("an analyzed recording is removed", async () => {
  const { outbox, store } = createOutbox(succeed(analysis("NORMAL")));
  expect(await submit(outbox, "a")).toBe("analyzed");
  expect((await store.list()).items).toEqual([]);
});

test("a recording without an answer survives a restart of the app", async () => {
  const { outbox, store, send } = createOutbox(fail(OFFLINE));
  expect(await submit(outbox, "a")).toBe("waiting");
  send.mockResolvedValue(succeed(analysis("WARNING")));
  const restarted = new Outbox(store, send);
  await restarted.flush(OWNER);
  expect((await store.list()).items).toEqual([]);
  const labels = restarted.getState().deliveries.map((delivery) => delivery.analysis.label);
  expect(labels).toEqual(["WARNING"]);
});

test("it is sent again automatically, with the same key", async () => {
  const { outbox, send } = createOutbox(fail(OFFLINE));
  await submit(outbox, "a");
  send.mockResolvedValue(succeed(analysis("NORMAL")));
  await jest.advanceTimersByTimeAsync(5_000);
  expect(send.mock.calls.map(([sent]) => sent.key)).toEqual(["a", "a"]);
  await jest.advanceTimersByTimeAsync(600_000);
  expect(send).toHaveBeenCalledTimes(2);
});

test("two sends at the same time send it once", async () => {
  const { outbox, send } = createOutbox(succeed(analysis("NORMAL")));
  await outbox.add(outboxItem("a"), CLIP);
  const [, result] = await Promise.all([outbox.flush(OWNER), outbox.sendNow(outboxItem("a"))]);
  expect(send).toHaveBeenCalledTimes(1);
  expect(result.kind).toBe("analyzed");
});

test("a refused recording stays until the user decides", async () => {
  const { outbox, store, send } = createOutbox(fail(REFUSAL));
  expect(await submit(outbox, "a")).toBe("refused");
  await outbox.flush(OWNER);
  expect(send).toHaveBeenCalledTimes(1);
  expect((await store.list()).items.map(({ refusal }) => refusal)).toEqual([REFUSAL]);

  send.mockResolvedValue(succeed(analysis("NORMAL")));
  expect((await outbox.resubmit(outboxItem("a", { modelId: "other" }))).kind).toBe("analyzed");
  expect(send.mock.lastCall?.[0].modelId).toBe("other");
  expect((await store.list()).items).toEqual([]);
});

test("a damaged entry is marked, and the others are sent", async () => {
  const { outbox, store, send } = createOutbox(succeed(analysis("NORMAL")));
  await outbox.add(outboxItem("cut", { recordedAt: "2026-08-01T00:00:00.000Z" }), CLIP);
  await outbox.add(outboxItem("good", { recordedAt: "2026-08-02T00:00:00.000Z" }), CLIP);
  store.loseClip("cut");
  await outbox.flush(OWNER);
  expect(send.mock.calls.map(([sent]) => sent.key)).toEqual(["good"]);
  expect(outbox.getState()).toMatchObject({ items: [], damagedKeys: ["cut"] });
  await outbox.flush(OWNER);
  expect(outbox.getState().damagedKeys).toEqual(["cut"]);
  await outbox.remove("cut");
  expect(outbox.getState().damagedKeys).toEqual([]);
  expect((await store.list()).items).toEqual([]);
});

test("what was refused while nobody looked stays until somebody has seen it", async () => {
  const silent: Problem = { kind: "rejected", code: "silent", detail: "" };
  const { outbox, store } = createOutbox(fail(silent));
  await outbox.add(outboxItem("a"), CLIP);
  await outbox.flush(OWNER);
  expect((await store.list()).items.map(({ refusal }) => refusal)).toEqual([silent]);
});

test("the oldest is sent first, and no answer ends the round", async () => {
  const { outbox, send } = createOutbox(fail(OFFLINE));
  await outbox.add(outboxItem("new", { recordedAt: "2026-08-02T00:00:00.000Z" }), CLIP);
  await outbox.add(outboxItem("old", { recordedAt: "2026-08-01T00:00:00.000Z" }), CLIP);
  await outbox.flush(OWNER);
  expect(send.mock.calls.map(([sent]) => sent.key)).toEqual(["old"]);
});

test("one that fails on the server does not block the others", async () => {
  const { outbox, send, store } = createOutbox(succeed(analysis("NORMAL")));
  await outbox.add(outboxItem("stuck", { recordedAt: "2026-08-01T00:00:00.000Z" }), CLIP);
  await outbox.add(outboxItem("new", { recordedAt: "2026-08-02T00:00:00.000Z" }), CLIP);
  send.mockResolvedValueOnce(fail({ kind: "server", code: "artifact_unavailable" }));
  await outbox.flush(OWNER);
  expect(send.mock.calls.map(([sent]) => sent.key)).toEqual(["stuck", "new"]);
  await jest.advanceTimersByTimeAsync(5_000);
  expect((await store.list()).items).toEqual([]);
});

test("a refused recording can be retried", async () => {
  const refusal: Problem = { kind: "rejected", code: "permission_denied", detail: "" };
  const { outbox, store, send } = createOutbox(fail(refusal));
  await submit(outbox, "a");
  send.mockResolvedValue(succeed(analysis("NORMAL")));
  await outbox.retry(outboxItem("a"));
  expect((await store.list()).items).toEqual([]);
  expect(outbox.getState().deliveries).toHaveLength(1);
});

test("recordings of another user are not sent", async () => {
  const { outbox, store, send } = createOutbox(succeed(analysis("NORMAL")));
  const owner = "another@plant.example https://plant.example";
  await outbox.add(outboxItem("a", { owner }), CLIP);
  await outbox.flush(OWNER);
  expect(send).not.toHaveBeenCalled();
  expect((await store.list()).items).toHaveLength(1);
});

test("there is no retry after sign-out until the next sign-in", async () => {
  const { outbox, send } = createOutbox(fail(SIGNED_OUT));
  expect(await submit(outbox, "a")).toBe("waiting");
  await jest.advanceTimersByTimeAsync(600_000);
  expect(send).toHaveBeenCalledTimes(1);
});

test("a recording is not sent in the name of a user who signed in later", async () => {
  const analyze = jest.spyOn(AnalysisService, "analyze");
  await beginSession({ ...SESSION, email: "another@plant.example" });
  await fieldOutbox.add(outboxItem("a"), CLIP);
  expect((await fieldOutbox.sendNow(outboxItem("a"))).kind).toBe("waiting");
  expect(analyze).not.toHaveBeenCalled();
});

test("a recording that cannot be stored is an error", async () => {
  const { outbox, store } = createOutbox(succeed(analysis("NORMAL")));
  jest.spyOn(store, "save").mockRejectedValue(new Error("the storage is full"));
  await expect(outbox.add(outboxItem("a"), CLIP)).rejects.toThrow("full");
});

test("listeners receive the upload progress", async () => {
  const { outbox, send } = createOutbox(succeed(analysis("NORMAL")));
  const fractions: (number | undefined)[] = [];
  outbox.subscribe(() => fractions.push(outbox.getState().sending?.fraction));
  send.mockImplementation(async (_item, _clip, onProgress) => {
    onProgress(0.5);
    return succeed(analysis("NORMAL"));
  });
  await submit(outbox, "a");
  expect(fractions).toContain(0.5);
  expect(outbox.getState().sending).toBeNull();
});
