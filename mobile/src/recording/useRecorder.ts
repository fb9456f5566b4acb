import { useCallback, useEffect, useRef, useState } from "react";

import type { Clip } from "../services/files/clip";
import { openMicrophone } from "../services/microphone/microphone";
import {
  type Interruption,
  type Microphone,
  MicrophoneProblem,
  type RecordingProgress,
} from "../services/microphone/microphone.types";

type FailureReason = MicrophoneProblem["reason"] | Interruption;

export type RecorderState =
  | { step: "idle" }
  | { step: "opening" }
  | { step: "recording"; progress: RecordingProgress | null; maxSeconds: number }
  | { step: "failed"; reason: FailureReason; seconds: number }; // recorded until then

export type Recorder = {
  state: RecorderState;
  start: (maxSeconds: number) => Promise<void>;
  stop: () => Promise<void>;
  cancel: () => Promise<void>; // stop, and discard the recording
};

/** Record one clip; recording stops by itself at its longest length. */
export function useRecorder(onClip: (clip: Clip) => void): Recorder {
  const [state, setState] = useState<RecorderState>({ step: "idle" });
  const microphone = useRef<Microphone | null>(null);
  const isUnmounted = useRef(false);
  const latestOnClip = useRef(onClip);
  useEffect(() => {
    latestOnClip.current = onClip;
  });

  // The stop button and the longest length may coincide: only the first gets the microphone.
  const detachMicrophone = (): Microphone | null => {
    const open = microphone.current;
    microphone.current = null;
    return open;
  };

  const stop = useCallback(async () => {
    const open = detachMicrophone();
    if (!open) return;
    try {
      const clip = await open.finish();
      setState({ step: "idle" });
      latestOnClip.current(clip);
    } catch (error) {
      setState({ step: "failed", reason: "lost", seconds: 0 });
      rethrowUnexpected(error);
    }
  }, []);

  const abort = useCallback(async (next: RecorderState) => {
    const open = detachMicrophone();
    if (!open) return;
    setState(next);
    await open.discard();
  }, []);

  const start = useCallback(
    async (maxSeconds: number) => {
      let seconds = 0;
      let interruption: Interruption | null = null;
      const onProgress = (progress: RecordingProgress): void => {
        if (interruption) return;
        seconds = progress.seconds;
        setState({ step: "recording", progress, maxSeconds });
      };
      const onMaxSeconds = (): void => void stop();
      const onInterrupted = (reason: Interruption): void => {
        interruption = reason;
        void abort({ step: "failed", reason, seconds });
      };
      setState({ step: "opening" });
      try {
        const options = { maxSeconds, onProgress, onMaxSeconds, onInterrupted };
        const open = await openMicrophone(options);
        // The screen may have been closed while the system asked for permission.
        if (isUnmounted.current) return void open.discard();
        if (interruption) {
          setState({ step: "failed", reason: interruption, seconds });
          return void open.discard();
        }
        microphone.current = open;
        setState({ step: "recording", progress: null, maxSeconds });
      } catch (error) {
        const reason = error instanceof MicrophoneProblem ? error.reason : "busy";
        setState({ step: "failed", reason, seconds: 0 });
        rethrowUnexpected(error);
      }
    },
    [stop, abort],
  );
  const cancel = useCallback(() => abort({ step: "idle" }), [abort]);

  useEffect(
    () => () => {
      isUnmounted.current = true;
      void microphone.current?.discard();
    },
    [],
  );
  return { state, start, stop, cancel };
}

/** Rethrow bugs, which would otherwise look like a problem of the microphone. */
function rethrowUnexpected(error: unknown): void {
  if (!(error instanceof MicrophoneProblem)) throw error;
}
