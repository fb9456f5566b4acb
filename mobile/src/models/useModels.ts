import { type QueryState, useStoredQuery } from "../queries/query";
import { useSession } from "../queries/useSession";
import { AnalysisService, type Model } from "../services/server/analysisService";
import { getOwner } from "../services/server/session";

export function useModels(deviceType?: string): QueryState<Model[]> {
  const key = ["models", getOwner(useSession()), deviceType ?? ""];
  return useStoredQuery(key, () => AnalysisService.getAvailableModels(deviceType));
}
