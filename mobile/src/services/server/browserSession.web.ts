import { readItem, writeItem } from "../storage/storage";
import type { Session } from "./session";

// One sign-in for the app and the server's other pages: a cookie, which only the server reads.

const ADDRESS = "/api/v1/auth/session";
const TIMEOUT_MS = 5_000;
const LEFT = "left"; // signed out here, and the server could not be told

type Shared = { email: string; access: string; refresh: string };

/** Sign the browser in to the server's other pages too; return a session that ends with theirs. */
export async function shareSession(session: Session): Promise<Session> {
  writeItem(LEFT, "");
  const answer = await send("POST", session.access);
  return answer?.status === 200 ? readSession(answer) : session;
}

/** Sign the browser out of the server's other pages too. */
export async function endSharedSession(): Promise<void> {
  const answer = await send("DELETE");
  writeItem(LEFT, answer?.ok ? "" : "yes");
}

/** Return the session of whoever is signed in to the server's other pages. */
export async function findSharedSession(): Promise<Session | null> {
  if (readItem(LEFT)) {
    await endSharedSession(); // now that the server may answer
    return null;
  }
  const answer = await send("GET");
  return answer?.status === 200 ? readSession(answer) : null;
}

async function readSession(answer: Response): Promise<Session> {
  const shared = (await answer.json()) as Shared;
  return { server: location.origin, ...shared };
}

/** Send a request; return null where no answer came. */
async function send(method: string, access?: string): Promise<Response | null> {
  const headers: Record<string, string> = access ? { Authorization: `Bearer ${access}` } : {};
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(ADDRESS, { method, headers, signal });
  } catch {
    return null;
  }
}
