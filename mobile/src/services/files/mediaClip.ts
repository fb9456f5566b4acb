import type { Clip } from "./clip";
import { type Media, createMediaFile } from "./media";

/** Make a clip of bytes that the server sent. */
export function createMediaClip(media: Media, name: string): Clip {
  const { uri } = createMediaFile(media, name);
  return { name: `${name}.wav`, mimeType: media.mimeType, seconds: null, content: uri };
}
