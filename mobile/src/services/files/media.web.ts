import type { Media, MediaFile } from "./media";

export function createMediaFile({ bytes, mimeType }: Media, _name: string): MediaFile {
  const uri = URL.createObjectURL(new Blob([bytes], { type: mimeType }));
  return { uri, release: () => URL.revokeObjectURL(uri) };
}
