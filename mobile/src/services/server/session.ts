import { deleteSecret, readSecret, writeSecret } from "../storage/secrets";
import { endSharedSession, findSharedSession, shareSession } from "./browserSession";

export type Session = { server: string; email: string; access: string; refresh: string };

export type SessionState =
  | { status: "unknown" } // not read from storage yet
  | { status: "out"; reason: "signed_out" | "expired" }
  | { status: "in"; session: Session };

const NAME = "session";

let state: SessionState = { status: "unknown" };
const listeners = new Set<() => void>();

export function getSessionState(): SessionState {
  return state;
}

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setState(next: SessionState): void {
  state = next;
  listeners.forEach((listener) => listener());
}

export async function restoreSession(): Promise<void> {
  const stored = await readSecret(NAME);
  if (stored) return setState({ status: "in", session: JSON.parse(stored) as Session });

  const shared = await findSharedSession();
  if (shared) await beginSession(shared);
  else setState({ status: "out", reason: "signed_out" });
}

/** Begin the session of somebody who has just signed in, on the server's other pages too. */
export async function beginSharedSession(session: Session): Promise<void> {
  await beginSession(await shareSession(session));
}

export async function beginSession(session: Session): Promise<void> {
  await writeSecret(NAME, JSON.stringify(session));
  setState({ status: "in", session });
}

/** End the session here; who signs out does so on the server's other pages too. */
export async function endSession(reason: "signed_out" | "expired"): Promise<void> {
  await deleteSecret(NAME);
  setState({ status: "out", reason });
  // One that the server has ended says nothing of who has signed in there since.
  if (reason === "signed_out") await endSharedSession();
}

/** Return who is signed in where: what is stored on the phone belongs to that owner alone. */
export function getOwner(session: Session): string {
  return `${session.email.toLowerCase()} ${session.server}`;
}
