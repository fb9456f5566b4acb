import { AnalysisService, type Capabilities } from "../services/server/analysisService";
import { OFFLINE, fail } from "../services/server/problem";
import { getOwner } from "../services/server/session";
import { useStoredQuery } from "./query";
import { useSessionState } from "./useSession";

const FRESH_FOR_MS = 60 * 60 * 1000;

/** Return the limits and constants of the server; undefined while they are not known. */
export function useCapabilities(): Capabilities | undefined {
  const state = useSessionState();
  const owner = state.status === "in" ? getOwner(state.session) : "";
  const load = async () =>
    owner ? AnalysisService.getCapabilities() : fail<Capabilities>(OFFLINE);
  return useStoredQuery(["capabilities", owner], load, { staleTime: FRESH_FOR_MS }).value;
}
