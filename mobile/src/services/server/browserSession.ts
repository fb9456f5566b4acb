import type { Session } from "./session";

// A phone has no pages of the server beside the app.

export async function shareSession(session: Session): Promise<Session> {
  return session;
}

export async function endSharedSession(): Promise<void> {}

export async function findSharedSession(): Promise<Session | null> {
  return null;
}
