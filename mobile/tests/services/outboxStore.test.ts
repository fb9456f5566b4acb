import type { OutboxStore } from "../../src/services/outbox/outboxItem";
import { CLIP, outboxItem } from "../support/examples";
import { disk } from "../support/memoryFileSystem";

jest.mock("expo-file-system", () => jest.requireActual<object>("../support/memoryFileSystem"));

const { outboxStore } = jest.requireActual<{ outboxStore: OutboxStore }>(
  "../../src/services/outbox/outboxStore",
);

beforeEach(() => {
  disk.clear();
  disk.set("file:///clip.wav", "the sound");
});

test("saved items are listed with their clips, oldest first", async () => {
  const old = outboxItem("old");
  const young = outboxItem("young", { recordedAt: "2026-08-02T00:00:00.000Z" });
  await outboxStore.save(young, CLIP);
  await outboxStore.save(old, CLIP);
  expect(await outboxStore.list()).toEqual([old, young]);
  const { name, content } = await outboxStore.readClip(old);
  expect(name).toBe("recording.wav");
  expect(disk.get(String(content))).toBe("the sound");
});

test("an item that was not completely saved is not listed", async () => {
  disk.set("file:///document/outbox/half/clip", "the sound");
  disk.set("file:///document/outbox/half/parcel.unfinished", '{"key": "ha');
  await outboxStore.save(outboxItem("whole"), CLIP);
  expect((await outboxStore.list()).map(({ key }) => key)).toEqual(["whole"]);
});

test("a refusal is stored, and a removed item leaves nothing behind", async () => {
  await outboxStore.save(outboxItem("a"), CLIP);
  const refused = outboxItem("a", { refusal: { kind: "rejected", code: "silent", detail: "" } });
  await outboxStore.update(refused);
  expect(await outboxStore.list()).toEqual([refused]);
  await outboxStore.remove("a");
  expect([...disk.keys()]).toEqual(["file:///clip.wav"]);
});

test("a missing recording cannot be saved", async () => {
  disk.clear();
  await expect(outboxStore.save(outboxItem("a"), CLIP)).rejects.toThrow("There is no file");
  expect(await outboxStore.list()).toEqual([]);
});
