import { Directory, File, Paths } from "expo-file-system";

import { type Parcel, type ParcelStore, byAge } from "./outboxItem";

// One folder a parcel: the clip, and parcel.json, which is written last. A folder without it was interrupted.

function outboxFolder(): Directory {
  const folder = new Directory(Paths.document, "outbox");
  folder.create({ intermediates: true, idempotent: true });
  return folder;
}

function folderOf(key: string): Directory {
  return new Directory(outboxFolder(), key);
}

function writeParcel(parcel: Parcel): void {
  const unfinished = new File(folderOf(parcel.key), "parcel.unfinished");
  unfinished.write(JSON.stringify(parcel));
  unfinished.moveSync(new File(folderOf(parcel.key), "parcel.json"), { overwrite: true });
}

function clipFile(parcel: Parcel): File {
  return new File(folderOf(parcel.key), "clip");
}

export const parcelStore: ParcelStore = {
  async list() {
    const folders = outboxFolder().list();
    const notes = folders.map((folder) => new File(folder.uri, "parcel.json")).filter((note) => note.exists);
    return notes.map((note) => JSON.parse(note.textSync()) as Parcel).sort(byAge);
  },

  async save(parcel, clip) {
    if (typeof clip.content !== "string") throw new TypeError("A phone keeps recordings as files.");
    folderOf(parcel.key).create({ intermediates: true });
    await new File(clip.content).copy(clipFile(parcel));
    writeParcel(parcel);
  },

  async update(parcel) {
    writeParcel(parcel);
  },

  async clipOf(parcel) {
    const { clipName: name, mimeType, seconds } = parcel;
    return { name, mimeType, seconds, content: clipFile(parcel).uri };
  },

  async remove(key) {
    const folder = folderOf(key);
    if (folder.exists) folder.delete();
  },
};
