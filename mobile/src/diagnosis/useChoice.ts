import { useState } from "react";

import { useDevices } from "../devices/useDevices";
import { useModels } from "../models/useModels";
import {
  type Device,
  type Model,
  getMinSeconds,
  isUncalibrated,
} from "../services/server/analysisService";
import {
  type ModelChoice,
  readLastDevice,
  readLastModel,
  storeLastDevice,
  storeLastModel,
} from "../services/storage/lastChoice";

type Choice = {
  device: Device | null;
  model: ModelChoice | null;
  withdrawnModel: ModelChoice | null;
  uncalibratedModel: ModelChoice | null;
  isMachinesOwn: boolean; // the machine brought the model, nobody chose it
  minSeconds: number; // that the model needs, as far as is known
  chooseDevice: (device: Device | null) => void;
  chooseModel: (model: ModelChoice) => void;
};

/** Choose a machine and a model: the one chosen for the machine, else the one it brings. */
export function useChoice(owner: string): Choice {
  const [deviceId, setDeviceId] = useState(() => readLastDevice(owner));
  const [chosenModel, setChosenModel] = useState(() => readLastModel(owner, deviceId));
  const device = useDevices().value?.find((each) => each.device_id === deviceId) ?? null;
  const models = useModels();

  const wanted = chosenModel ?? findOwnModel(device, models.value);
  const offered = models.value?.find((each) => each.id === wanted?.id);
  const isListed = !models.problem && !!models.value;
  const isWithdrawn = wanted !== null && isListed && !offered;
  const cannotJudge = offered !== undefined && isUncalibrated(offered);

  return {
    device,
    model: isWithdrawn || cannotJudge ? null : wanted,
    withdrawnModel: isWithdrawn ? wanted : null,
    uncalibratedModel: cannotJudge ? wanted : null,
    isMachinesOwn: chosenModel === null,
    minSeconds: offered ? getMinSeconds(offered) : 0,
    chooseDevice: (next) => {
      const id = next?.device_id ?? null;
      storeLastDevice(owner, id);
      setDeviceId(id);
      setChosenModel(readLastModel(owner, id));
    },
    chooseModel: (next) => {
      storeLastModel(owner, deviceId, next);
      setChosenModel(next);
    },
  };
}

/** Return what the server would ask for this machine: its own model, else the recommended one. */
function findOwnModel(device: Device | null, models: Model[] | undefined): ModelChoice | null {
  if (!device) return null;
  const recommended = models?.find(
    (each) => each.is_recommended && each.machine_type === device.machine_type,
  );
  return device.preferred_model ?? recommended ?? null;
}
