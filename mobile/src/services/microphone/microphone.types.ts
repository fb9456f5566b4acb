import type { Clip } from "../files/clip";

export const SILENCE_DBFS = -120;

export type RecordingProgress = { seconds: number; levelDbfs: number };

export type Microphone = {
  /** Stop recording and return the clip. */
  finish(): Promise<Clip>;
  /** Stop recording and discard what was recorded. */
  discard(): Promise<void>;
};

/** Why a recording ended although nobody stopped it. */
export type Interruption =
  | "muted" // the track was muted: by the browser, the system, or a switch
  | "lost" // the microphone is gone, like a headset that was pulled
  | "interrupted" // a call, another app or the locked screen took the microphone
  | "no_sound"; // it delivers nothing but zeros, as a muted microphone does

export type MicrophoneOptions = {
  maxSeconds: number;
  onProgress: (progress: RecordingProgress) => void;
  onMaxSeconds: () => void; // maxSeconds have been recorded
  onInterrupted: (reason: Interruption) => void; // once: what was recorded has a hole
};

/** Why the microphone cannot be used. */
export class MicrophoneProblem extends Error {
  constructor(
    readonly reason: "denied" | "missing" | "insecure" | "busy" | "lost" | "muted",
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}
