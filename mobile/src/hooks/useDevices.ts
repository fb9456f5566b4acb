import { AnalysisService, type Device } from "../services/analysisService";
import { getOwner } from "../services/session";
import { type QueryState, useStoredQuery } from "./query";
import { useSession } from "./useSession";

export function useDevices(): QueryState<Device[]> {
  const owner = getOwner(useSession());
  return useStoredQuery(["devices", owner], () => AnalysisService.getDevices());
}
