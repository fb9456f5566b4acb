import { AnalysisService, type Me } from "../services/analysisService";
import { ownerOf } from "../services/session";
import { type Loaded, useKept } from "./query";
import { useSession } from "./useSession";

export function useMe(): Loaded<Me> {
  const owner = ownerOf(useSession());
  return useKept(["me", owner], () => AnalysisService.getMe());
}
