import { File, Paths } from "expo-file-system";

// Small values that are not secret: language, server address, last choices, drafts.

function getFile(name: string): File {
  return new File(Paths.document, `${name}.note`);
}

export function readItem(name: string): string | null {
  const file = getFile(name);
  return file.exists ? file.textSync() : null;
}

export function writeItem(name: string, value: string): void {
  getFile(name).write(value);
}

export function removeItem(name: string): void {
  const file = getFile(name);
  if (file.exists) file.delete();
}
