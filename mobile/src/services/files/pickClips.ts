import { getDocumentAsync } from "expo-document-picker";

import type { Clip } from "./clip";

// Before the server has said what it reads.
const ANY_TYPE = ["*/*"];

type Options = { isMultiple?: boolean };

/** Let the user choose recordings of these media types from the device; none: an empty list. */
export async function pickClips(
  mediaTypes: string[] = ANY_TYPE,
  { isMultiple = false }: Options = {},
): Promise<Clip[]> {
  const result = await getDocumentAsync({
    type: mediaTypes,
    multiple: isMultiple,
    base64: false,
  });
  if (result.canceled) return [];
  return result.assets.map(({ name, mimeType, file, uri }) => ({
    name,
    mimeType: mimeType ?? "application/octet-stream",
    seconds: null,
    content: file ?? uri,
  }));
}
