// The part of expo-file-system that the outbox uses, in memory.

export const disk = new Map<string, string>();

type Part = string | { uri: string };
const join = (parts: Part[]): string =>
  parts.map((part) => (typeof part === "string" ? part : part.uri)).join("/");

export class File {
  uri: string;
  constructor(...parts: Part[]) {
    this.uri = join(parts);
  }
  get exists(): boolean {
    return disk.has(this.uri);
  }
  textSync(): string {
    return disk.get(this.uri) ?? "";
  }
  write(text: string): void {
    disk.set(this.uri, text);
  }
  async copy(to: File): Promise<void> {
    if (!this.exists) throw new Error(`There is no file ${this.uri}.`);
    disk.set(to.uri, this.textSync());
  }
  moveSync(to: File): void {
    disk.set(to.uri, this.textSync());
    disk.delete(this.uri);
  }
}

export class Directory {
  uri: string;
  get name(): string {
    return this.uri.split("/").at(-1) ?? "";
  }
  constructor(...parts: Part[]) {
    this.uri = join(parts);
  }
  get exists(): boolean {
    return [...disk.keys()].some((path) => path.startsWith(`${this.uri}/`));
  }
  create(): void {}
  list(): Directory[] {
    const below = [...disk.keys()].filter((path) => path.startsWith(`${this.uri}/`));
    const names = below.map((path) => path.slice(this.uri.length + 1).split("/")[0] ?? "");
    return [...new Set(names)].map((name) => new Directory(this, name));
  }
  delete(): void {
    const below = [...disk.keys()].filter((path) => path.startsWith(`${this.uri}/`));
    below.forEach((path) => disk.delete(path));
  }
}

export const Paths = { document: new Directory("file:///document") };
