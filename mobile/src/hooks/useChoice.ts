import { useState } from "react";

import { type Device, isUncalibrated, leastSeconds } from "../services/analysisService";
import { type ModelChoice, lastDevice, lastModel, rememberDevice, rememberModel } from "../services/lastChoice";
import { useDevices } from "./useDevices";
import { useModels } from "./useModels";

type Choice = {
  device: Device | null;
  model: ModelChoice | null;
  goneModel: ModelChoice | null;
  uncalibratedModel: ModelChoice | null;
  leastSeconds: number; // that the model wants to hear, as far as is known
  chooseDevice: (device: Device | null) => void;
  chooseModel: (model: ModelChoice) => void;
};

/** Which machine, and which model for it: what was chosen for that machine last, else the model it prefers. */
export function useChoice(owner: string): Choice {
  const [deviceId, setDeviceId] = useState(() => lastDevice(owner));
  const [chosen, setChosen] = useState(() => lastModel(owner, deviceId));
  const device = useDevices().value?.find((each) => each.device_id === deviceId) ?? null;
  const models = useModels();

  const wanted = chosen ?? device?.preferred_model ?? null;
  const listed = models.value?.find((each) => each.id === wanted?.id);
  const isGone = wanted !== null && !models.problem && !!models.value && !listed;
  const cannotJudge = listed !== undefined && isUncalibrated(listed);

  return {
    device,
    model: isGone || cannotJudge ? null : wanted,
    goneModel: isGone ? wanted : null,
    uncalibratedModel: cannotJudge ? wanted : null,
    leastSeconds: listed ? leastSeconds(listed) : 0,
    chooseDevice: (next) => {
      const id = next?.device_id ?? null;
      rememberDevice(owner, id);
      setDeviceId(id);
      setChosen(lastModel(owner, id));
    },
    chooseModel: (next) => {
      rememberModel(owner, deviceId, next);
      setChosen(next);
    },
  };
}
