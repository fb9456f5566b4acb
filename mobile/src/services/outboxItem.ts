import type { Clip } from "./clip";
import type { Problem } from "./problem";

/** A recording on its way to the server, with everything that it takes to judge it once and only once. */
export type Parcel = {
  key: string; // the Idempotency-Key
  owner: string; // who recorded it, and for which server
  modelId: string;
  modelName: string;
  deviceId: string | null;
  recordedAt: string; // with UTC offset
  seconds: number | null;
  clipName: string;
  mimeType: string;
  refusal: Problem | null; // why the server will not have it
};

/** Where parcels lie until they are delivered: they outlive the app. */
export type ParcelStore = {
  list(): Promise<Parcel[]>; // oldest first
  save(parcel: Parcel, clip: Clip): Promise<void>;
  update(parcel: Parcel): Promise<void>;
  clipOf(parcel: Parcel): Promise<Clip>;
  remove(key: string): Promise<void>;
};

export function byAge(one: Parcel, other: Parcel): number {
  return one.recordedAt.localeCompare(other.recordedAt);
}
