import type { Clip } from "./clip";
import type { Media } from "./media";

export function createMediaClip({ bytes, mimeType }: Media, name: string): Clip {
  const content = new Blob([bytes], { type: mimeType });
  return { name: `${name}.wav`, mimeType, seconds: null, content };
}
