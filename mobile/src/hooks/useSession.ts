import { useSyncExternalStore } from "react";

import { type Session, type SessionState, onSessionChange, sessionState } from "../services/session";

export function useSessionState(): SessionState {
  return useSyncExternalStore(onSessionChange, sessionState);
}

/** The session of a screen that is shown only to those who are signed in. */
export function useSession(): Session {
  const state = useSessionState();
  if (state.status !== "in") throw new Error("This screen needs a session.");
  return state.session;
}
