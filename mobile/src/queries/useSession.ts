import { useSyncExternalStore } from "react";

import {
  type Session,
  type SessionState,
  getSessionState,
  onSessionChange,
} from "../services/server/session";

export function useSessionState(): SessionState {
  return useSyncExternalStore(onSessionChange, getSessionState);
}

/** Return the session, on screens that only signed-in users see. */
export function useSession(): Session {
  const state = useSessionState();
  if (state.status !== "in") throw new Error("This screen needs a session.");
  return state.session;
}
