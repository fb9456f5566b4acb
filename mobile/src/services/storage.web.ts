export function readNote(name: string): string | null {
  return localStorage.getItem(`note:${name}`);
}

export function writeNote(name: string, value: string): void {
  localStorage.setItem(`note:${name}`, value);
}
