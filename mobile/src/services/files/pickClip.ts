import { getDocumentAsync } from "expo-document-picker";

import type { Clip } from "./clip";

const TYPES = ["audio/*", "video/3gpp", "video/webm"];

/** Let the user choose a recording from the device; null when none was chosen. */
export async function pickClip(): Promise<Clip | null> {
  const result = await getDocumentAsync({ type: TYPES, base64: false });
  if (result.canceled) return null;
  const [asset] = result.assets;
  if (!asset) return null;
  const mimeType = asset.mimeType ?? "application/octet-stream";
  return { name: asset.name, mimeType, seconds: null, content: asset.file ?? asset.uri };
}
