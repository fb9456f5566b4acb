import * as SecureStore from "expo-secure-store";

// Stored in the keychain of iOS or the keystore of Android.

export async function readSecret(name: string): Promise<string | null> {
  return SecureStore.getItemAsync(name);
}

export async function writeSecret(name: string, value: string): Promise<void> {
  await SecureStore.setItemAsync(name, value);
}

export async function deleteSecret(name: string): Promise<void> {
  await SecureStore.deleteItemAsync(name);
}
