import type { Clip } from "../files/clip";

export const SILENCE_DBFS = -120;

export type RecordingProgress = { seconds: number; levelDbfs: number };

export type Microphone = {
  /** Stop recording and return the clip. */
  finish(): Promise<Clip>;
  /** Stop recording and discard what was recorded. */
  discard(): Promise<void>;
};

export type MicrophoneOptions = {
  maxSeconds: number;
  onProgress: (progress: RecordingProgress) => void;
  onMaxSeconds: () => void; // maxSeconds have been recorded
  onLost: () => void; // the microphone became unavailable while recording
};

/** Why the microphone cannot be used. */
export class MicrophoneProblem extends Error {
  constructor(
    readonly reason: "denied" | "missing" | "insecure" | "busy" | "lost",
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}
