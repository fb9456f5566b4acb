import { useState } from "react";

import { useCapabilities } from "../queries/useCapabilities";
import { type Recorder, useRecorder } from "../recording/useRecorder";
import type { Clip } from "../services/files/clip";
import { pickClips } from "../services/files/pickClips";
import { AnalysisService, type Matches } from "../services/server/analysisService";
import type { Problem } from "../services/server/problem";

export type SuggestionStep =
  | { kind: "ready"; problem: Problem | null } // problem: why the last attempt failed
  | { kind: "sending"; fraction: number }
  | { kind: "done"; matches: Matches };

export type ModelSuggestion = {
  step: SuggestionStep;
  recorder: Recorder;
  pickFile: () => Promise<void>;
  reset: () => void;
};

/** Ask the server which of its models match a sound. */
export function useModelSuggestion(): ModelSuggestion {
  const limits = useCapabilities();
  const [step, setStep] = useState<SuggestionStep>({ kind: "ready", problem: null });

  const match = async (clip: Clip): Promise<void> => {
    const onProgress = (fraction: number): void => setStep({ kind: "sending", fraction });
    onProgress(0);
    const outcome = await AnalysisService.matchModels(clip, onProgress);
    if (outcome.ok) setStep({ kind: "done", matches: outcome.value });
    else setStep({ kind: "ready", problem: outcome.problem });
  };

  return {
    step,
    recorder: useRecorder((clip) => void match(clip)),
    pickFile: async () => {
      const [clip] = await pickClips(limits?.recording.media_types);
      if (clip) await match(clip);
    },
    reset: () => setStep({ kind: "ready", problem: null }),
  };
}
