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
  expect((await outboxStore.list()).items).toEqual([old, young]);
  const { name, content } = await outboxStore.readClip(old);
  expect(name).toBe("recording.wav");
  expect(disk.get(String(content))).toBe("the sound");
});

test("an item that was not completely saved is not listed", async () => {
  disk.set("file:///document/outbox/half/clip", "the sound");
  disk.set("file:///document/outbox/half/parcel.unfinished", '{"key": "ha');
  await outboxStore.save(outboxItem("whole"), CLIP);
  const { items, damagedKeys } = await outboxStore.list();
  expect(items.map(({ key }) => key)).toEqual(["whole"]);
  expect(damagedKeys).toEqual([]);
});

test.each(['{"key": "cut o', "null", '{"key": "cut"}'])(
  "a description that holds %p is marked as damaged, and the others are listed",
  async (text) => {
    await outboxStore.save(outboxItem("whole"), CLIP);
    disk.set("file:///document/outbox/cut/parcel.json", text);
    const { items, damagedKeys } = await outboxStore.list();
    expect(items.map(({ key }) => key)).toEqual(["whole"]);
    expect(damagedKeys).toEqual(["cut"]);
    await outboxStore.remove("cut");
    expect((await outboxStore.list()).damagedKeys).toEqual([]);
  },
);

test("an item without its recording is damaged", async () => {
  await outboxStore.save(outboxItem("a"), CLIP);
  disk.delete("file:///document/outbox/a/clip");
  await expect(outboxStore.readClip(outboxItem("a"))).rejects.toThrow("a");
});

test("a refusal is stored, and a removed item leaves nothing behind", async () => {
  await outboxStore.save(outboxItem("a"), CLIP);
  const refused = outboxItem("a", { refusal: { kind: "rejected", code: "silent", detail: "" } });
  await outboxStore.update(refused);
  expect((await outboxStore.list()).items).toEqual([refused]);
  await outboxStore.remove("a");
  expect([...disk.keys()]).toEqual(["file:///clip.wav"]);
});

test("a missing recording cannot be saved", async () => {
  disk.clear();
  await expect(outboxStore.save(outboxItem("a"), CLIP)).rejects.toThrow("There is no file");
  expect((await outboxStore.list()).items).toEqual([]);
});
