import { File, Paths } from "expo-file-system";

import { createKey } from "../storage/key";
import type { Clip } from "./clip";

function getFile({ content }: Clip): File {
  if (typeof content !== "string") throw new TypeError("On a phone a recording is a file.");
  return new File(content);
}

/** Copy a clip to a file of its own, so that the next recording does not overwrite it. */
export async function savePendingClip(clip: Clip): Promise<Clip> {
  const copy = new File(Paths.cache, `pending-${createKey()}`);
  await getFile(clip).copy(copy);
  return { ...clip, content: copy.uri };
}

export function deletePendingClip(clip: Clip): void {
  const file = getFile(clip);
  if (file.exists) file.delete();
}
