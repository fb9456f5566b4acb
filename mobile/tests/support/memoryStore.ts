import type { Clip } from "../../src/services/files/clip";
import {
  type OutboxItem,
  type OutboxStore,
  compareByAge,
} from "../../src/services/outbox/outboxItem";

/** An outbox store in memory. */
export class MemoryStore implements OutboxStore {
  private rows = new Map<string, { item: OutboxItem; clip: Clip }>();

  async list(): Promise<OutboxItem[]> {
    return [...this.rows.values()].map(({ item }) => item).sort(compareByAge);
  }

  async save(item: OutboxItem, clip: Clip): Promise<void> {
    this.rows.set(item.key, { item, clip });
  }

  async update(item: OutboxItem): Promise<void> {
    this.rows.set(item.key, { item, clip: await this.readClip(item) });
  }

  async readClip(item: OutboxItem): Promise<Clip> {
    const row = this.rows.get(item.key);
    if (!row) throw new Error(`There is no item ${item.key}.`);
    return row.clip;
  }

  async remove(key: string): Promise<void> {
    this.rows.delete(key);
  }
}
