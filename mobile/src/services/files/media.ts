import { File, Paths } from "expo-file-system";

export type Media = { bytes: ArrayBuffer; mimeType: string };
export type MediaFile = { uri: string; release: () => void };

// Media players on phones recognize a file by its extension.
const EXTENSIONS: Record<string, string> = {
  "audio/wav": "wav",
  "audio/mp4": "m4a",
  "audio/mpeg": "mp3",
  "audio/flac": "flac",
  "audio/ogg": "ogg",
  "audio/webm": "webm",
  "audio/aac": "aac",
  "audio/3gpp": "3gp",
  "audio/amr": "amr",
  "audio/aiff": "aiff",
  "audio/x-caf": "caf",
  "image/png": "png",
};

/** Write bytes to a file that images and players can read; release() deletes it. */
export function createMediaFile({ bytes, mimeType }: Media, name: string): MediaFile {
  const file = new File(Paths.cache, `${name}.${EXTENSIONS[mimeType] ?? "bin"}`);
  file.write(new Uint8Array(bytes));
  return { uri: file.uri, release: () => file.exists && file.delete() };
}
