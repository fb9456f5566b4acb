import { File, Paths } from "expo-file-system";

// Small things worth remembering that are no secrets: language, server address, last choices.

function noteFile(name: string): File {
  return new File(Paths.document, `${name}.note`);
}

export function readNote(name: string): string | null {
  const file = noteFile(name);
  return file.exists ? file.textSync() : null;
}

export function writeNote(name: string, value: string): void {
  noteFile(name).write(value);
}
