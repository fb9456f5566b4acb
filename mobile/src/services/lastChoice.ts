import type { Model } from "./analysisService";
import { readNote, writeNote } from "./storage";

/** Enough of a model to send recordings to it while the list cannot be loaded. */
export type ModelChoice = Pick<Model, "id" | "name">;

const NO_DEVICE = "none";

function noteOf(owner: string, deviceId: string | null): string {
  return `choice ${owner} ${deviceId ?? NO_DEVICE}`.replace(/[^\w-]+/g, "_");
}

export function lastModel(owner: string, deviceId: string | null): ModelChoice | null {
  const note = readNote(noteOf(owner, deviceId));
  return note === null ? null : (JSON.parse(note) as ModelChoice);
}

export function rememberModel(owner: string, deviceId: string | null, { id, name }: ModelChoice): void {
  writeNote(noteOf(owner, deviceId), JSON.stringify({ id, name }));
}

export function lastDevice(owner: string): string | null {
  return readNote(deviceNote(owner)) || null;
}

export function rememberDevice(owner: string, deviceId: string | null): void {
  writeNote(deviceNote(owner), deviceId ?? "");
}

function deviceNote(owner: string): string {
  return `device ${owner}`.replace(/[^\w-]+/g, "_");
}
