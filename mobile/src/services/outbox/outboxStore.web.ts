import { DamagedItem, type OutboxItem, type OutboxStore, sortStored } from "./outboxItem";

// `parcel` is the field's name in databases that older releases of the app created.
type Row = { key: string; parcel: OutboxItem; content: Blob };
type StoredRow = Partial<Row> & { key: string }; // as far as it is undamaged

const DATABASE = "signalcraft";
const TABLE = "outbox";

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "key" });
  return toPromise(request);
}

function toPromise<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Run one request and wait until its changes are on the disk. */
async function transact<T>(
  mode: IDBTransactionMode,
  run: (table: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await openDatabase();
  try {
    const transaction = database.transaction(TABLE, mode, { durability: "strict" });
    const completion = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const value = await toPromise(run(transaction.objectStore(TABLE)));
    await completion;
    return value;
  } finally {
    database.close();
  }
}

async function readRow(key: string): Promise<Row> {
  const row = await transact("readonly", (table) => table.get(key) as IDBRequest<Row | undefined>);
  if (!(row?.content instanceof Blob)) throw new DamagedItem(key);
  return row;
}

export const outboxStore: OutboxStore = {
  async list() {
    const rows = await transact("readonly", (table) => table.getAll() as IDBRequest<StoredRow[]>);
    return sortStored(rows.map(({ key, parcel, content }) => ({ key, stored: content && parcel })));
  },

  async save(item, clip) {
    const row = { key: item.key, parcel: item, content: clip.content };
    await transact("readwrite", (table) => table.put(row));
  },

  async update(item) {
    const row = { ...(await readRow(item.key)), parcel: item };
    await transact("readwrite", (table) => table.put(row));
  },

  async readClip(item) {
    const { clipName: name, mimeType, seconds } = item;
    const { content } = await readRow(item.key);
    return { name, mimeType, seconds, content };
  },

  async remove(key) {
    await transact("readwrite", (table) => table.delete(key));
  },
};
