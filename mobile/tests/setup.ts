import { act } from "@testing-library/react-native";

import type { Outbox } from "../src/services/outbox";
import type { ParcelStore } from "../src/services/outboxItem";

// The phone under the app: it hears and plays nothing, and stores for the length of one test.

jest.mock("expo-audio", () => ({}));

jest.mock("../src/services/storage", () => {
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

jest.mock("../src/services/outboxStore", () => {
  const { MemoryStore } = jest.requireActual<{ MemoryStore: new () => ParcelStore }>("./memoryStore");
  return { parcelStore: new MemoryStore() };
});

// What a test left waiting must not wake up in the next.
afterEach(async () => {
  const { outbox } = jest.requireActual<{ outbox: Outbox }>("../src/services/outbox");
  await act(async () => outbox.rest());
});
