import { deleteSecret, readSecret, writeSecret } from "./secrets";

export type Session = { server: string; email: string; access: string; refresh: string };

export type SessionState =
  | { status: "unknown" } // not read from storage yet
  | { status: "out"; reason: "signed_out" | "expired" }
  | { status: "in"; session: Session };

const NAME = "session";

let state: SessionState = { status: "unknown" };
const listeners = new Set<() => void>();

export function sessionState(): SessionState {
  return state;
}

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(next: SessionState): void {
  state = next;
  listeners.forEach((listener) => listener());
}

export async function restoreSession(): Promise<void> {
  const stored = await readSecret(NAME);
  become(stored ? { status: "in", session: JSON.parse(stored) as Session } : { status: "out", reason: "signed_out" });
}

export async function beginSession(session: Session): Promise<void> {
  await writeSecret(NAME, JSON.stringify(session));
  become({ status: "in", session });
}

export async function endSession(reason: "signed_out" | "expired"): Promise<void> {
  await deleteSecret(NAME);
  become({ status: "out", reason });
}

/** Who is signed in where: what is kept on the phone belongs to this and to no one else. */
export function ownerOf(session: Session): string {
  return `${session.email.toLowerCase()} ${session.server}`;
}
