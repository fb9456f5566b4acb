import { AnalysisService, type Model } from "../services/analysisService";
import { getOwner } from "../services/session";
import { type QueryState, useStoredQuery } from "./query";
import { useSession } from "./useSession";

export function useModels(deviceType?: string): QueryState<Model[]> {
  const key = ["models", getOwner(useSession()), deviceType ?? ""];
  return useStoredQuery(key, () => AnalysisService.getAvailableModels(deviceType));
}
