import { useDevices } from "../devices/useDevices";
import { useCapabilities } from "../queries/useCapabilities";
import type { Device } from "../services/server/analysisService";

/** Return the demo machine to try: the chosen one, or the first while none is chosen. */
export function useDemo(chosen: Device | null): Device | null {
  const offered = useCapabilities()?.demo_devices ?? []; // older servers have none
  const devices = useDevices().value ?? [];
  if (chosen) return offered.includes(chosen.device_id) ? chosen : null;
  return devices.find(({ device_id }) => device_id === offered[0]) ?? null;
}
