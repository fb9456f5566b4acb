import { AnalysisService, type Me } from "../services/server/analysisService";
import { getOwner } from "../services/server/session";
import { type QueryState, useStoredQuery } from "./query";
import { useSession } from "./useSession";

export function useMe(): QueryState<Me> {
  const owner = getOwner(useSession());
  return useStoredQuery(["me", owner], () => AnalysisService.getMe());
}
