import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { AnalysisService, type DeviceCalibration } from "../services/analysisService";
import type { Clip } from "../services/clip";
import { dropClip, holdClip } from "../services/pendingClip";
import { newKey } from "../services/key";
import { pickClip } from "../services/pickClip";
import type { Problem } from "../services/problem";
import { type Recorder, useRecorder } from "./useRecorder";

// What the server takes.
export const LEAST_CLIPS = 5;
export const MOST_CLIPS = 20;

export type Take = { key: string; clip: Clip };

export type CalibrationStep =
  | { kind: "collecting"; problem: Problem | null } // with what went wrong the last time
  | { kind: "sending"; fraction: number }
  | { kind: "done"; made: DeviceCalibration };

export type DeviceCalibrating = {
  takes: Take[];
  step: CalibrationStep;
  recorder: Recorder;
  pickFile: () => Promise<void>;
  drop: (take: Take) => void;
  calibrate: () => Promise<void>;
};

/** Collect recordings of a healthy machine, and have the server tell from them what is normal for it. */
export function useDeviceCalibration(deviceId: string, modelId: string): DeviceCalibrating {
  const queries = useQueryClient();
  const [takes, setTakes] = useState<Take[]>([]);
  const [step, setStep] = useState<CalibrationStep>({ kind: "collecting", problem: null });
  const held = useRef<Take[]>([]);
  useEffect(() => {
    held.current = takes;
  }, [takes]);
  useEffect(() => () => held.current.forEach(({ clip }) => dropClip(clip)), []);

  const change = (next: (before: Take[]) => Take[]): void => {
    setTakes(next);
    setStep({ kind: "collecting", problem: null }); // a refusal told of the recordings as they were
  };

  const add = async (clip: Clip): Promise<void> => {
    const take = { key: newKey(), clip: await holdClip(clip) };
    change((before) => [...before, take]);
  };

  const calibrate = async (): Promise<void> => {
    const onProgress = (fraction: number): void => setStep({ kind: "sending", fraction });
    onProgress(0);
    const clips = takes.map(({ clip }) => clip);
    const outcome = await AnalysisService.calibrateDevice(deviceId, modelId, clips, onProgress);
    if (!outcome.ok) return setStep({ kind: "collecting", problem: outcome.problem });
    setStep({ kind: "done", made: outcome.value });
    await queries.invalidateQueries({ queryKey: ["calibrations", deviceId] });
  };

  return {
    takes,
    step,
    recorder: useRecorder((clip) => void add(clip)),
    pickFile: async () => {
      const clip = await pickClip();
      if (clip) await add(clip);
    },
    drop: ({ key, clip }) => {
      dropClip(clip);
      change((before) => before.filter((take) => take.key !== key));
    },
    calibrate,
  };
}
