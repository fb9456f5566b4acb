import { useEffect, useMemo, useSyncExternalStore } from "react";
import { AppState } from "react-native";

import { type Delivery, type Sending, outbox } from "../services/outbox";
import type { Parcel } from "../services/outboxItem";
import { ownerOf } from "../services/session";
import { useSession } from "./useSession";

export type OutboxView = {
  parcels: Parcel[]; // those of whoever is signed in
  sending: Sending | null;
  deliveries: Delivery[]; // of their recordings
};

export function useOutbox(): OutboxView {
  const owner = ownerOf(useSession());
  const state = useSyncExternalStore(outbox.subscribe, outbox.snapshot);
  return useMemo(() => {
    const parcels = state.parcels.filter((parcel) => parcel.owner === owner);
    const deliveries = state.deliveries.filter(({ parcel }) => parcel.owner === owner);
    return { parcels, sending: state.sending, deliveries };
  }, [state, owner]);
}

/** Send what waits: when one signs in, and whenever the app comes to the front. */
export function useDelivery(): void {
  const owner = ownerOf(useSession());
  useEffect(() => {
    const flush = (): void => void outbox.flush(owner);
    flush();
    const subscription = AppState.addEventListener("change", (status) => {
      if (status === "active") flush();
    });
    return () => {
      subscription.remove();
      outbox.rest();
    };
  }, [owner]);
}
