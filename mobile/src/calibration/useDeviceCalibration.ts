import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { useCapabilities } from "../queries/useCapabilities";
import { type Recorder, useRecorder } from "../recording/useRecorder";
import type { Clip } from "../services/files/clip";
import { deletePendingClip, savePendingClip } from "../services/files/pendingClip";
import { pickClips } from "../services/files/pickClips";
import { AnalysisService, type DeviceCalibration } from "../services/server/analysisService";
import type { Problem } from "../services/server/problem";
import { createKey } from "../services/storage/key";

export type PendingClip = { key: string; clip: Clip };

export type CalibrationStep =
  | { kind: "collecting"; problem: Problem | null } // problem: why the last attempt failed
  | { kind: "sending"; fraction: number }
  | { kind: "done"; calibration: DeviceCalibration };

export type DeviceCalibrationFlow = {
  clips: PendingClip[];
  step: CalibrationStep;
  recorder: Recorder;
  pickFiles: () => Promise<void>; // several at once
  deleteClip: (clip: PendingClip) => void;
  calibrate: () => Promise<void>;
};

/** Collect recordings of a healthy machine and calibrate the model for that machine with them. */
export function useDeviceCalibration(deviceId: string, modelId: string): DeviceCalibrationFlow {
  const queries = useQueryClient();
  const limits = useCapabilities();
  const [clips, setClips] = useState<PendingClip[]>([]);
  const [step, setStep] = useState<CalibrationStep>({ kind: "collecting", problem: null });
  const latestClips = useRef<PendingClip[]>([]);
  useEffect(() => {
    latestClips.current = clips;
  }, [clips]);
  useEffect(() => () => latestClips.current.forEach(({ clip }) => deletePendingClip(clip)), []);

  const changeClips = (change: (before: PendingClip[]) => PendingClip[]): void => {
    setClips(change);
    setStep({ kind: "collecting", problem: null }); // a refusal was about the clips before
  };

  const addClip = async (clip: Clip): Promise<void> => {
    const pending = { key: createKey(), clip: await savePendingClip(clip) };
    changeClips((before) => [...before, pending]);
  };

  const calibrate = async (): Promise<void> => {
    const onProgress = (fraction: number): void => setStep({ kind: "sending", fraction });
    onProgress(0);
    const files = clips.map(({ clip }) => clip);
    const outcome = await AnalysisService.calibrateDevice(deviceId, modelId, files, onProgress);
    if (!outcome.ok) return setStep({ kind: "collecting", problem: outcome.problem });
    setStep({ kind: "done", calibration: outcome.value });
    await queries.invalidateQueries({ queryKey: ["calibrations", deviceId] });
  };

  return {
    clips,
    step,
    recorder: useRecorder((clip) => void addClip(clip)),
    pickFiles: async () => {
      const picked = await pickClips(limits?.recording.media_types, { isMultiple: true });
      for (const clip of picked) await addClip(clip);
    },
    deleteClip: ({ key, clip }) => {
      deletePendingClip(clip);
      changeClips((before) => before.filter((pending) => pending.key !== key));
    },
    calibrate,
  };
}
