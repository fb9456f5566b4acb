import { useCallback, useEffect, useRef, useState } from "react";

import type { Clip } from "../services/clip";
import { openMicrophone } from "../services/microphone";
import { type Heard, type Microphone, MicrophoneProblem } from "../services/microphone.types";

export type RecorderState =
  | { step: "idle" }
  | { step: "opening" }
  | { step: "recording"; heard: Heard | null; maxSeconds: number }
  | { step: "failed"; reason: MicrophoneProblem["reason"] };

export type Recorder = {
  state: RecorderState;
  start: (maxSeconds: number) => Promise<void>;
  stop: () => Promise<void>;
  cancel: () => Promise<void>; // stop, and forget what was heard
};

/** Record one clip; it ends by itself when it is long enough. */
export function useRecorder(onClip: (clip: Clip) => void): Recorder {
  const [state, setState] = useState<RecorderState>({ step: "idle" });
  const microphone = useRef<Microphone | null>(null);
  const isGone = useRef(false);
  const receive = useRef(onClip);
  useEffect(() => {
    receive.current = onClip;
  });

  // A tap on stop and the end of the time may come together: the microphone is given out once.
  const takeMicrophone = (): Microphone | null => {
    const open = microphone.current;
    microphone.current = null;
    return open;
  };

  const stop = useCallback(async () => {
    const open = takeMicrophone();
    if (!open) return;
    try {
      const clip = await open.finish();
      setState({ step: "idle" });
      receive.current(clip);
    } catch (error) {
      setState({ step: "failed", reason: "lost" });
      rethrowMistake(error);
    }
  }, []);

  const giveUp = useCallback(async (next: RecorderState) => {
    const open = takeMicrophone();
    if (!open) return;
    setState(next);
    await open.abandon();
  }, []);

  const start = useCallback(
    async (maxSeconds: number) => {
      setState({ step: "opening" });
      const onHeard = (heard: Heard): void => setState({ step: "recording", heard, maxSeconds });
      const onLost = (): void => void giveUp({ step: "failed", reason: "lost" });
      try {
        const open = await openMicrophone({ maxSeconds, onHeard, onFull: () => void stop(), onLost });
        if (isGone.current) return void open.abandon(); // closed while the browser asked for permission
        microphone.current = open;
        setState({ step: "recording", heard: null, maxSeconds });
      } catch (error) {
        setState({ step: "failed", reason: error instanceof MicrophoneProblem ? error.reason : "busy" });
        rethrowMistake(error);
      }
    },
    [stop, giveUp],
  );
  const cancel = useCallback(() => giveUp({ step: "idle" }), [giveUp]);

  useEffect(
    () => () => {
      isGone.current = true;
      void microphone.current?.abandon();
    },
    [],
  );
  return { state, start, stop, cancel };
}

/** What no microphone is to blame for must not go unseen. */
function rethrowMistake(error: unknown): void {
  if (!(error instanceof MicrophoneProblem)) throw error;
}
