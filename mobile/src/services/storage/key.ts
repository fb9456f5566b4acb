import { getRandomBytes } from "expo-crypto";

/** Create a unique key: 128 random bits, in hexadecimal. */
export function createKey(): string {
  return [...getRandomBytes(16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
