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
  isFile?: boolean; // chosen from the device, where it stays
  clipName: string;
  mimeType: string;
  refusal: Problem | null; // why the server refused it
};

/** What is stored: readable items, oldest first, and the keys of those that are damaged. */
export type StoredItems = { items: OutboxItem[]; damagedKeys: string[] };

/** An item whose description or recording cannot be read any more. */
export class DamagedItem extends Error {}

/** Where items are stored until they are sent: they survive a restart of the app. */
export type OutboxStore = {
  list(): Promise<StoredItems>;
  save(item: OutboxItem, clip: Clip): Promise<void>;
  update(item: OutboxItem): Promise<void>;
  readClip(item: OutboxItem): Promise<Clip>; // rejects with DamagedItem
  remove(key: string): Promise<void>;
};

function compareByAge(one: OutboxItem, other: OutboxItem): number {
  return one.recordedAt.localeCompare(other.recordedAt);
}

/** Sort stored entries into those that are items and those that are damaged. */
export function sortStored(entries: { key: string; stored: unknown }[]): StoredItems {
  const items: OutboxItem[] = [];
  const damagedKeys: string[] = [];
  for (const { key, stored } of entries) {
    if (isOutboxItem(stored)) items.push(stored);
    else damagedKeys.push(key);
  }
  return { items: items.sort(compareByAge), damagedKeys };
}

const TEXTS = ["key", "owner", "modelId", "modelName", "recordedAt", "clipName", "mimeType"];

function isOutboxItem(stored: unknown): stored is OutboxItem {
  if (typeof stored !== "object" || stored === null) return false;
  const fields = new Map<string, unknown>(Object.entries(stored));
  return TEXTS.every((name) => typeof fields.get(name) === "string");
}
