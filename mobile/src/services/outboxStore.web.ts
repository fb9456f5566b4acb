import { type Parcel, type ParcelStore, byAge } from "./outboxItem";

type Row = { key: string; parcel: Parcel; content: Blob };

const DATABASE = "signalcraft";
const TABLE = "outbox";

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "key" });
  return result(request);
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Run one request, and return when what it wrote is on the disk. */
async function transact<T>(mode: IDBTransactionMode, run: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await openDatabase();
  try {
    const transaction = database.transaction(TABLE, mode, { durability: "strict" });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const value = await result(run(transaction.objectStore(TABLE)));
    await done;
    return value;
  } finally {
    database.close();
  }
}

async function rowOf(key: string): Promise<Row> {
  return transact("readonly", (rows) => rows.get(key) as IDBRequest<Row>);
}

export const parcelStore: ParcelStore = {
  async list() {
    const rows = await transact("readonly", (table) => table.getAll() as IDBRequest<Row[]>);
    return rows.map((row) => row.parcel).sort(byAge);
  },

  async save(parcel, clip) {
    const row = { key: parcel.key, parcel, content: clip.content };
    await transact("readwrite", (rows) => rows.put(row));
  },

  async update(parcel) {
    const row = { ...(await rowOf(parcel.key)), parcel };
    await transact("readwrite", (rows) => rows.put(row));
  },

  async clipOf(parcel) {
    const { clipName: name, mimeType, seconds } = parcel;
    return { name, mimeType, seconds, content: (await rowOf(parcel.key)).content };
  },

  async remove(key) {
    await transact("readwrite", (rows) => rows.delete(key));
  },
};
