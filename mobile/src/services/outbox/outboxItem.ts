import type { Clip } from "../files/clip";
import type { Problem } from "../server/problem";

/** A recording on its way to the server, with all that is needed to have it analyzed once. */
export type OutboxItem = {
  key: string; // the Idempotency-Key
  owner: string; // who recorded it, and for which server
  modelId: string;
  modelName: string;
  deviceId: string | null;
  recordedAt: string; // with UTC offset
  seconds: number | null;
  clipName: string;
  mimeType: string;
  refusal: Problem | null; // why the server refused it
};

/** Where items are stored until they are sent: they survive a restart of the app. */
export type OutboxStore = {
  list(): Promise<OutboxItem[]>; // oldest first
  save(item: OutboxItem, clip: Clip): Promise<void>;
  update(item: OutboxItem): Promise<void>;
  readClip(item: OutboxItem): Promise<Clip>;
  remove(key: string): Promise<void>;
};

export function compareByAge(one: OutboxItem, other: OutboxItem): number {
  return one.recordedAt.localeCompare(other.recordedAt);
}
