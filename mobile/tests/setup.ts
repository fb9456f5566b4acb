import { act } from "@testing-library/react-native";

// The phone under the app: what it stores, for the length of one test.

jest.mock("../src/services/notes", () => {
  const notes = new Map<string, string>();
  return {
    readNote: (name: string) => notes.get(name) ?? null,
    writeNote: (name: string, value: string) => void notes.set(name, value),
    forgetNotes: () => notes.clear(),
  };
});

jest.mock("../src/services/secrets", () => {
  const secrets = new Map<string, string>();
  return {
    readSecret: async (name: string) => secrets.get(name) ?? null,
    writeSecret: async (name: string, value: string) => void secrets.set(name, value),
    deleteSecret: async (name: string) => void secrets.delete(name),
  };
});

jest.mock("../src/services/parcelStore", () => {
  const { MemoryStore } = jest.requireActual<typeof import("./memoryStore")>("./memoryStore");
  return { parcelStore: new MemoryStore() };
});

// What a test left waiting must not wake up in the next.
afterEach(async () => {
  const { outbox } = jest.requireActual<typeof import("../src/services/outbox")>("../src/services/outbox");
  await act(async () => outbox.rest());
});
