import { getDocumentAsync } from "expo-document-picker";

import type { Clip } from "./clip";

/** Let a recording be chosen from the device; null when nothing was. */
export async function pickClip(): Promise<Clip | null> {
  const picked = await getDocumentAsync({ type: ["audio/*", "video/3gpp", "video/webm"], base64: false });
  if (picked.canceled) return null;
  const [asset] = picked.assets;
  if (!asset) return null;
  const mimeType = asset.mimeType ?? "application/octet-stream";
  return { name: asset.name, mimeType, seconds: null, content: asset.file ?? asset.uri };
}
