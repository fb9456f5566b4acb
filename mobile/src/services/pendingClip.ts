import { File, Paths } from "expo-file-system";

import type { Clip } from "./clip";
import { newKey } from "./key";

function fileOf({ content }: Clip): File {
  if (typeof content !== "string") throw new TypeError("A phone keeps recordings as files.");
  return new File(content);
}

/** Put a clip aside, where the next recording does not overwrite it. */
export async function holdClip(clip: Clip): Promise<Clip> {
  const held = new File(Paths.cache, `held-${newKey()}`);
  await fileOf(clip).copy(held);
  return { ...clip, content: held.uri };
}

/** Forget a clip that was held. */
export function dropClip(clip: Clip): void {
  const file = fileOf(clip);
  if (file.exists) file.delete();
}
