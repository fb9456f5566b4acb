import type { Clip } from "./clip";

/** Return the clip as it is: in a browser it contains its bytes. */
export async function savePendingClip(clip: Clip): Promise<Clip> {
  return clip;
}

export function deletePendingClip(_clip: Clip): void {}
