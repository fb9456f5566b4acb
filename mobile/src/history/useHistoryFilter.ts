import {
  type NavigationProp,
  type RouteProp,
  useNavigation,
  useRoute,
} from "@react-navigation/native";
import { useEffect, useState } from "react";

import type { TabRoutes } from "../navigation/routes";

const PAUSE_MS = 300; // browsers refuse an address that changes with every key

export type ShownHistory = {
  deviceId: string | null;
  isMine: boolean;
  searchText: string;
  setDeviceId: (deviceId: string | null) => void;
  setIsMine: (isMine: boolean) => void;
  setSearchText: (text: string) => void;
};

/** What of the history is shown; it stands in the address, so that one loaded again shows it. */
export function useHistoryFilter(): ShownHistory {
  const { setParams } = useNavigation<NavigationProp<TabRoutes, "History">>();
  const { machine, whose, search } = useRoute<RouteProp<TabRoutes, "History">>().params ?? {};
  const [typedText, setTypedText] = useState<string | null>(null); // null: as in the address
  useEffect(() => {
    if (typedText === null) return;
    const timer = setTimeout(() => {
      setParams({ search: typedText || undefined });
      setTypedText(null);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typedText, setParams]);
  return {
    deviceId: toText(machine) ?? null,
    isMine: whose !== "all",
    searchText: typedText ?? toText(search) ?? "",
    setDeviceId: (deviceId) => setParams({ machine: deviceId ?? undefined }),
    setIsMine: (isMine) => setParams({ whose: isMine ? undefined : "all" }),
    setSearchText: setTypedText,
  };
}

/** Return what stands in the address once; whoever writes it there twice gets no list of texts. */
function toText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
