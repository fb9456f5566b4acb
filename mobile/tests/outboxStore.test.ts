import type { ParcelStore } from "../src/services/outboxItem";
import { CLIP, parcel } from "./examples";
import { disk } from "./memoryFileSystem";

jest.mock("expo-file-system", () => jest.requireActual<object>("./memoryFileSystem"));

const { parcelStore } = jest.requireActual<{ parcelStore: ParcelStore }>(
  "../src/services/outboxStore",
);

beforeEach(() => {
  disk.clear();
  disk.set("file:///clip.wav", "the sound");
});

test("what was saved is there, oldest first, with its sound", async () => {
  const [old, young] = [parcel("old"), parcel("young", { recordedAt: "2026-08-02T00:00:00.000Z" })];
  await parcelStore.save(young, CLIP);
  await parcelStore.save(old, CLIP);
  expect(await parcelStore.list()).toEqual([old, young]);
  const { name, content } = await parcelStore.clipOf(old);
  expect(name).toBe("recording.wav");
  expect(disk.get(String(content))).toBe("the sound");
});

test("what the app was killed over is not taken for a recording", async () => {
  disk.set("file:///document/outbox/half/clip", "the sound");
  disk.set("file:///document/outbox/half/parcel.unfinished", '{"key": "ha');
  await parcelStore.save(parcel("whole"), CLIP);
  expect((await parcelStore.list()).map(({ key }) => key)).toEqual(["whole"]);
});

test("a refusal is remembered, and what was delivered leaves nothing behind", async () => {
  await parcelStore.save(parcel("a"), CLIP);
  const refused = parcel("a", { refusal: { kind: "rejected", code: "silent", detail: "" } });
  await parcelStore.update(refused);
  expect(await parcelStore.list()).toEqual([refused]);
  await parcelStore.remove("a");
  expect([...disk.keys()]).toEqual(["file:///clip.wav"]);
});

test("a recording that is not there cannot be kept", async () => {
  disk.clear();
  await expect(parcelStore.save(parcel("a"), CLIP)).rejects.toThrow("There is no file");
  expect(await parcelStore.list()).toEqual([]);
});
