import { AnalysisService, type Model } from "../services/analysisService";
import { ownerOf } from "../services/session";
import { type Loaded, useKept } from "./query";
import { useSession } from "./useSession";

export function useModels(deviceType?: string): Loaded<Model[]> {
  const owner = ownerOf(useSession());
  return useKept(["models", owner, deviceType ?? ""], () => AnalysisService.getAvailableModels(deviceType));
}
