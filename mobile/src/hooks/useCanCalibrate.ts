import { useMe } from "./useMe";

const PERMISSION = "analysis.calibrate_device";

/** Whether whoever is signed in may tell what is normal for a machine. */
export function useMayCalibrate(): boolean {
  return useMe().value?.permissions.includes(PERMISSION) ?? false;
}
