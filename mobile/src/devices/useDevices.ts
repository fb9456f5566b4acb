import { type QueryState, useStoredQuery } from "../queries/query";
import { useSession } from "../queries/useSession";
import { AnalysisService, type Device } from "../services/server/analysisService";
import { getOwner } from "../services/server/session";

export function useDevices(): QueryState<Device[]> {
  const owner = getOwner(useSession());
  return useStoredQuery(["devices", owner], () => AnalysisService.getDevices());
}
