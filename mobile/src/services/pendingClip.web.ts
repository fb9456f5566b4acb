import type { Clip } from "./clip";

/** In a browser a clip holds its bytes itself. */
export async function holdClip(clip: Clip): Promise<Clip> {
  return clip;
}

export function dropClip(_clip: Clip): void {}
