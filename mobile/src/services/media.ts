import { File, Paths } from "expo-file-system";

export type Media = { bytes: ArrayBuffer; mimeType: string };
export type ShownFile = { uri: string; release: () => void };

// Players of phones go by the name of a file.
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

/** Put bytes where pictures and players can read them, until they are released. */
export function showable({ bytes, mimeType }: Media, name: string): ShownFile {
  const file = new File(Paths.cache, `${name}.${EXTENSIONS[mimeType] ?? "bin"}`);
  file.write(new Uint8Array(bytes));
  return { uri: file.uri, release: () => file.exists && file.delete() };
}
