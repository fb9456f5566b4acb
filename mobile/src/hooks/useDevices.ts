import { AnalysisService, type Device } from "../services/analysisService";
import { ownerOf } from "../services/session";
import { type Loaded, useKept } from "./query";
import { useSession } from "./useSession";

export function useDevices(): Loaded<Device[]> {
  const owner = ownerOf(useSession());
  return useKept(["devices", owner], () => AnalysisService.getDevices());
}
