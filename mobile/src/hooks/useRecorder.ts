import { useCallback, useEffect, useRef, useState } from "react";

import type { Clip } from "../services/clip";
import { openMicrophone } from "../services/microphone";
import { type Heard, type Microphone, MicrophoneProblem } from "../services/microphone.types";

export type RecorderState =
  | { step: "idle" }
  | { step: "opening" }
  | { step: "recording"; heard: Heard | null }
  | { step: "failed"; reason: MicrophoneProblem["reason"] };

export type Recorder = {
  state: RecorderState;
  start: (maxSeconds: number) => Promise<void>;
  stop: () => Promise<void>;
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

  const stop = useCallback(async () => {
    const open = microphone.current;
    microphone.current = null; // a tap on stop and the end of the time may come together
    if (!open) return;
    const clip = await open.finish();
    setState({ step: "idle" });
    receive.current(clip);
  }, []);

  const start = useCallback(
    async (maxSeconds: number) => {
      setState({ step: "opening" });
      const onHeard = (heard: Heard): void => setState({ step: "recording", heard });
      try {
        const open = await openMicrophone({ maxSeconds, onHeard, onFull: () => void stop() });
        if (isGone.current) return void open.abandon(); // closed while the browser asked for permission
        microphone.current = open;
        setState({ step: "recording", heard: null });
      } catch (error) {
        if (!(error instanceof MicrophoneProblem)) throw error;
        setState({ step: "failed", reason: error.reason });
      }
    },
    [stop],
  );

  useEffect(
    () => () => {
      isGone.current = true;
      void microphone.current?.abandon();
    },
    [],
  );
  return { state, start, stop };
}
