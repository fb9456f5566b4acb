import type { Media, ShownFile } from "./media";

export function showable({ bytes, mimeType }: Media, _name: string): ShownFile {
  const uri = URL.createObjectURL(new Blob([bytes], { type: mimeType }));
  return { uri, release: () => URL.revokeObjectURL(uri) };
}
