import type { Clip } from "../../src/services/files/clip";
import {
  DamagedItem,
  type OutboxItem,
  type OutboxStore,
  type StoredItems,
  sortStored,
} from "../../src/services/outbox/outboxItem";

/** An outbox store in memory. */
export class MemoryStore implements OutboxStore {
  private rows = new Map<string, { item: OutboxItem; clip: Clip }>();
  private lostClips = new Set<string>();

  async list(): Promise<StoredItems> {
    return sortStored([...this.rows].map(([key, { item }]) => ({ key, stored: item })));
  }

  async save(item: OutboxItem, clip: Clip): Promise<void> {
    this.rows.set(item.key, { item, clip });
  }

  async update(item: OutboxItem): Promise<void> {
    this.rows.set(item.key, { item, clip: await this.readClip(item) });
  }

  async readClip(item: OutboxItem): Promise<Clip> {
    const row = this.rows.get(item.key);
    if (!row || this.lostClips.has(item.key)) throw new DamagedItem(item.key);
    return row.clip;
  }

  async remove(key: string): Promise<void> {
    this.rows.delete(key);
  }

  /** Lose a recording, as a browser that clears blobs does. */
  loseClip(key: string): void {
    this.lostClips.add(key);
  }
}
