export function readItem(name: string): string | null {
  return localStorage.getItem(`note:${name}`);
}

export function writeItem(name: string, value: string): void {
  localStorage.setItem(`note:${name}`, value);
}

export function removeItem(name: string): void {
  localStorage.removeItem(`note:${name}`);
}
