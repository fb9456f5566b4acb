import type { Model } from "../server/analysisService";
import { readItem, writeItem } from "./storage";

/** Enough of a model to send recordings to it while the list cannot be loaded. */
export type ModelChoice = Pick<Model, "id" | "name">;

const NO_DEVICE = "none";

export function readLastModel(owner: string, deviceId: string | null): ModelChoice | null {
  const stored = readItem(getModelKey(owner, deviceId));
  return stored === null ? null : (JSON.parse(stored) as ModelChoice);
}

export function storeLastModel(
  owner: string,
  deviceId: string | null,
  { id, name }: ModelChoice,
): void {
  writeItem(getModelKey(owner, deviceId), JSON.stringify({ id, name }));
}

export function readLastDevice(owner: string): string | null {
  return readItem(getDeviceKey(owner)) || null;
}

export function storeLastDevice(owner: string, deviceId: string | null): void {
  writeItem(getDeviceKey(owner), deviceId ?? "");
}

function getModelKey(owner: string, deviceId: string | null): string {
  return `choice ${owner} ${deviceId ?? NO_DEVICE}`.replace(/[^\w-]+/g, "_");
}

function getDeviceKey(owner: string): string {
  return `device ${owner}`.replace(/[^\w-]+/g, "_");
}
