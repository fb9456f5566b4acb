import { getRandomBytes } from "expo-crypto";

/** A name that nobody else gives: 128 random bits. */
export function newKey(): string {
  return [...getRandomBytes(16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
