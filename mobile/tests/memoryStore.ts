import type { Clip } from "../src/services/clip";
import { type Parcel, type ParcelStore, byAge } from "../src/services/outboxItem";

/** The outbox's shelf, in memory. */
export class MemoryStore implements ParcelStore {
  private rows = new Map<string, { parcel: Parcel; clip: Clip }>();

  async list(): Promise<Parcel[]> {
    return [...this.rows.values()].map(({ parcel }) => parcel).sort(byAge);
  }

  async save(parcel: Parcel, clip: Clip): Promise<void> {
    this.rows.set(parcel.key, { parcel, clip });
  }

  async update(parcel: Parcel): Promise<void> {
    this.rows.set(parcel.key, { parcel, clip: await this.clipOf(parcel) });
  }

  async clipOf(parcel: Parcel): Promise<Clip> {
    const row = this.rows.get(parcel.key);
    if (!row) throw new Error(`There is no parcel ${parcel.key}.`);
    return row.clip;
  }

  async remove(key: string): Promise<void> {
    this.rows.delete(key);
  }
}
