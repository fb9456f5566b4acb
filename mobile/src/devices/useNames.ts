import { useModels } from "../models/useModels";
import { useDevices } from "./useDevices";

export type Names = {
  getDeviceName: (deviceId: string) => string;
  getModelName: (modelId: string) => string;
};

/** Return names for ids; what is no longer listed is shown by its id. */
export function useNames(): Names {
  const devices = useDevices().value ?? [];
  const models = useModels().value ?? [];
  return {
    getDeviceName: (id) => devices.find(({ device_id }) => device_id === id)?.name || id,
    getModelName: (id) => models.find((model) => model.id === id)?.name ?? id,
  };
}
