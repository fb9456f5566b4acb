import { Directory, File, Paths } from "expo-file-system";

import { DamagedItem, type OutboxItem, type OutboxStore, sortStored } from "./outboxItem";

// One folder per item: the clip, then parcel.json. A folder without the latter is incomplete.
const ITEM_FILE = "parcel.json";
const UNFINISHED_FILE = "parcel.unfinished";

function openOutboxFolder(): Directory {
  const folder = new Directory(Paths.document, "outbox");
  folder.create({ intermediates: true, idempotent: true });
  return folder;
}

function getFolder(key: string): Directory {
  return new Directory(openOutboxFolder(), key);
}

function writeItemFile(item: OutboxItem): void {
  const folder = getFolder(item.key);
  const unfinished = new File(folder, UNFINISHED_FILE);
  unfinished.write(JSON.stringify(item));
  unfinished.moveSync(new File(folder, ITEM_FILE), { overwrite: true });
}

function getClipFile(item: OutboxItem): File {
  return new File(getFolder(item.key), "clip");
}

/** Parse a description; undefined where a crash or a full disk has cut it off. */
function parseItem(file: File): unknown {
  try {
    return JSON.parse(file.textSync());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export const outboxStore: OutboxStore = {
  async list() {
    const folders = openOutboxFolder().list();
    const entries = folders.map(({ uri, name }) => ({ name, file: new File(uri, ITEM_FILE) }));
    const finished = entries.filter(({ file }) => file.exists);
    return sortStored(finished.map(({ name, file }) => ({ key: name, stored: parseItem(file) })));
  },

  async save(item, clip) {
    if (typeof clip.content !== "string") throw new TypeError("On a phone a recording is a file.");
    getFolder(item.key).create({ intermediates: true });
    await new File(clip.content).copy(getClipFile(item));
    writeItemFile(item);
  },

  async update(item) {
    writeItemFile(item);
  },

  async readClip(item) {
    const { clipName: name, mimeType, seconds } = item;
    const file = getClipFile(item);
    if (!file.exists) throw new DamagedItem(item.key);
    return { name, mimeType, seconds, content: file.uri };
  },

  async remove(key) {
    const folder = getFolder(key);
    if (folder.exists) folder.delete();
  },
};
