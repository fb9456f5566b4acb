import { useEffect, useMemo, useSyncExternalStore } from "react";
import { AppState } from "react-native";

import { useSession } from "../queries/useSession";
import { type OutboxState, outbox } from "../services/outbox/outbox";
import { getOwner } from "../services/server/session";

/** The outbox, limited to the recordings of the signed-in user. */
export function useOutbox(): OutboxState {
  const owner = getOwner(useSession());
  const state = useSyncExternalStore(outbox.subscribe, outbox.getState);
  return useMemo(() => {
    const items = state.items.filter((item) => item.owner === owner);
    const deliveries = state.deliveries.filter(({ item }) => item.owner === owner);
    return { ...state, items, deliveries };
  }, [state, owner]);
}

/** Send waiting recordings after sign-in and whenever the app comes to the foreground. */
export function useAutomaticSending(): void {
  const owner = getOwner(useSession());
  useEffect(() => {
    const flush = (): void => void outbox.flush(owner);
    flush();
    const subscription = AppState.addEventListener("change", (status) => {
      if (status === "active") flush();
    });
    return () => {
      subscription.remove();
      outbox.stopRetrying();
    };
  }, [owner]);
}
