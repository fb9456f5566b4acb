// Browsers have no keychain; local storage of this origin is the closest, until sign-out.

export async function readSecret(name: string): Promise<string | null> {
  return localStorage.getItem(`secret:${name}`);
}

export async function writeSecret(name: string, value: string): Promise<void> {
  localStorage.setItem(`secret:${name}`, value);
}

export async function deleteSecret(name: string): Promise<void> {
  localStorage.removeItem(`secret:${name}`);
}
