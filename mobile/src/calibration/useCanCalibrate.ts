import { useMe } from "../queries/useMe";

const PERMISSION = "analysis.calibrate_device";

/** Return whether the signed-in user may calibrate models for machines. */
export function useCanCalibrate(): boolean {
  return useMe().value?.permissions.includes(PERMISSION) ?? false;
}
