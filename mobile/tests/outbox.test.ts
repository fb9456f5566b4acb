import { type Analysis, AnalysisService } from "../src/services/analysisService";
import type { Clip } from "../src/services/clip";
import { Outbox, outbox as fieldOutbox } from "../src/services/outbox";
import type { Parcel } from "../src/services/outboxItem";
import { OFFLINE, type Outcome, type Problem, SIGNED_OUT, fail, succeed } from "../src/services/problem";
import { beginSession } from "../src/services/session";
import { CLIP, SESSION, analysis, parcel } from "./examples";
import { MemoryStore } from "./memoryStore";

const REFUSAL: Problem = { kind: "rejected", code: "silent", detail: "The recording is silent." };
const OWNER = parcel("any").owner;

type Send = jest.Mock<Promise<Outcome<Analysis>>, [Parcel, Clip, (fraction: number) => void]>;

function outboxWith(answer: Outcome<Analysis>): { outbox: Outbox; store: MemoryStore; send: Send } {
  const store = new MemoryStore();
  const send: Send = jest.fn().mockResolvedValue(answer);
  return { outbox: new Outbox(store, send), store, send };
}

async function submit(outbox: Outbox, key: string): Promise<string> {
  await outbox.keep(parcel(key), CLIP);
  return (await outbox.deliverNow(parcel(key))).kind;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("what was analysed is kept no longer", async () => {
  const { outbox, store } = outboxWith(succeed(analysis("NORMAL")));
  expect(await submit(outbox, "a")).toBe("analysed");
  expect(await store.list()).toEqual([]);
});

test("without an answer a recording stays, also for an app that is started anew", async () => {
  const { outbox, store, send } = outboxWith(fail(OFFLINE));
  expect(await submit(outbox, "a")).toBe("waiting");
  send.mockResolvedValue(succeed(analysis("WARNING")));
  const restarted = new Outbox(store, send);
  await restarted.flush(OWNER);
  expect(await store.list()).toEqual([]);
  expect(restarted.snapshot().deliveries.map(({ analysis: { label } }) => label)).toEqual(["WARNING"]);
});

test("it is sent again by itself, under the same key", async () => {
  const { outbox, send } = outboxWith(fail(OFFLINE));
  await submit(outbox, "a");
  send.mockResolvedValue(succeed(analysis("NORMAL")));
  await jest.advanceTimersByTimeAsync(5_000);
  expect(send.mock.calls.map(([sent]) => sent.key)).toEqual(["a", "a"]);
  await jest.advanceTimersByTimeAsync(600_000);
  expect(send).toHaveBeenCalledTimes(2);
});

test("two who send at once send it once", async () => {
  const { outbox, send } = outboxWith(succeed(analysis("NORMAL")));
  await outbox.keep(parcel("a"), CLIP);
  const [, fate] = await Promise.all([outbox.flush(OWNER), outbox.deliverNow(parcel("a"))]);
  expect(send).toHaveBeenCalledTimes(1);
  expect(fate.kind).toBe("analysed");
});

test("what was refused stays until somebody decides", async () => {
  const { outbox, store, send } = outboxWith(fail(REFUSAL));
  expect(await submit(outbox, "a")).toBe("refused");
  await outbox.flush(OWNER);
  expect(send).toHaveBeenCalledTimes(1);
  expect((await store.list()).map(({ refusal }) => refusal)).toEqual([REFUSAL]);

  send.mockResolvedValue(succeed(analysis("NORMAL")));
  expect((await outbox.resubmit(parcel("a", { modelId: "other" }))).kind).toBe("analysed");
  expect(send.mock.lastCall?.[0].modelId).toBe("other");
  expect(await store.list()).toEqual([]);
});

test("the oldest goes first, and one without an answer ends the round", async () => {
  const { outbox, send } = outboxWith(fail(OFFLINE));
  await outbox.keep(parcel("new", { recordedAt: "2026-08-02T00:00:00.000Z" }), CLIP);
  await outbox.keep(parcel("old", { recordedAt: "2026-08-01T00:00:00.000Z" }), CLIP);
  await outbox.flush(OWNER);
  expect(send.mock.calls.map(([sent]) => sent.key)).toEqual(["old"]);
});

test("one that the server cannot judge now does not hold up the others", async () => {
  const { outbox, send, store } = outboxWith(succeed(analysis("NORMAL")));
  await outbox.keep(parcel("stuck", { recordedAt: "2026-08-01T00:00:00.000Z" }), CLIP);
  await outbox.keep(parcel("new", { recordedAt: "2026-08-02T00:00:00.000Z" }), CLIP);
  send.mockResolvedValueOnce(fail({ kind: "server", code: "artifact_unavailable" }));
  await outbox.flush(OWNER);
  expect(send.mock.calls.map(([sent]) => sent.key)).toEqual(["stuck", "new"]);
  await jest.advanceTimersByTimeAsync(5_000);
  expect(await store.list()).toEqual([]);
});

test("what was refused can be tried again", async () => {
  const { outbox, store, send } = outboxWith(fail({ kind: "rejected", code: "permission_denied", detail: "" }));
  await submit(outbox, "a");
  send.mockResolvedValue(succeed(analysis("NORMAL")));
  await outbox.release(parcel("a"));
  expect(await store.list()).toEqual([]);
  expect(outbox.snapshot().deliveries).toHaveLength(1);
});

test("what another person recorded is not sent in one's own name", async () => {
  const { outbox, store, send } = outboxWith(succeed(analysis("NORMAL")));
  await outbox.keep(parcel("a", { owner: "another@plant.example https://plant.example" }), CLIP);
  await outbox.flush(OWNER);
  expect(send).not.toHaveBeenCalled();
  expect(await store.list()).toHaveLength(1);
});

test("who has signed out is not tried for again until they sign in", async () => {
  const { outbox, send } = outboxWith(fail(SIGNED_OUT));
  expect(await submit(outbox, "a")).toBe("waiting");
  await jest.advanceTimersByTimeAsync(600_000);
  expect(send).toHaveBeenCalledTimes(1);
});

test("a recording cannot go out in the name of whoever signed in since", async () => {
  const analyze = jest.spyOn(AnalysisService, "analyze");
  await beginSession({ ...SESSION, email: "another@plant.example" });
  await fieldOutbox.keep(parcel("a"), CLIP);
  expect((await fieldOutbox.deliverNow(parcel("a"))).kind).toBe("waiting");
  expect(analyze).not.toHaveBeenCalled();
});

test("a recording that cannot be kept is told", async () => {
  const { outbox, store } = outboxWith(succeed(analysis("NORMAL")));
  jest.spyOn(store, "save").mockRejectedValue(new Error("the storage is full"));
  await expect(outbox.keep(parcel("a"), CLIP)).rejects.toThrow("full");
});

test("how far it is can be watched", async () => {
  const { outbox, send } = outboxWith(succeed(analysis("NORMAL")));
  const seen: (number | undefined)[] = [];
  outbox.subscribe(() => seen.push(outbox.snapshot().sending?.fraction));
  send.mockImplementation(async (_parcel, _clip, onProgress) => {
    onProgress(0.5);
    return succeed(analysis("NORMAL"));
  });
  await submit(outbox, "a");
  expect(seen).toContain(0.5);
  expect(outbox.snapshot().sending).toBeNull();
});
