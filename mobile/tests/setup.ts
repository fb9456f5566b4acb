import { act, configure } from "@testing-library/react-native";

import type { Outbox } from "../src/services/outbox/outbox";
import type { OutboxStore } from "../src/services/outbox/outboxItem";

// A busy machine may need longer than the default of one second.
configure({ asyncUtilTimeout: 10_000 });

// A phone without microphone and speaker, whose storage lasts for one test.

jest.mock("expo-audio", () => ({}));

jest.mock("expo-clipboard", () => ({ setStringAsync: jest.fn(async () => true) }));

jest.mock("../src/services/storage/storage", () => {
  const items = new Map<string, string>();
  return {
    readItem: (name: string) => items.get(name) ?? null,
    writeItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
    clearItems: () => items.clear(),
  };
});

jest.mock("../src/services/storage/secrets", () => {
  const secrets = new Map<string, string>();
  return {
    readSecret: async (name: string) => secrets.get(name) ?? null,
    writeSecret: async (name: string, value: string) => void secrets.set(name, value),
    deleteSecret: async (name: string) => void secrets.delete(name),
  };
});

jest.mock("../src/services/outbox/outboxStore", () => {
  const { MemoryStore } =
    jest.requireActual<{ MemoryStore: new () => OutboxStore }>("./support/memoryStore");
  return { outboxStore: new MemoryStore() };
});

// A retry that one test scheduled must not run in the next.
afterEach(async () => {
  const { outbox } = jest.requireActual<{ outbox: Outbox }>("../src/services/outbox/outbox");
  await act(async () => outbox.stopRetrying());
});
