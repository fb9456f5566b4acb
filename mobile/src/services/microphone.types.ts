import type { Clip } from "./clip";

export type Heard = { seconds: number; levelDbfs: number };

export type Microphone = {
  /** Stop listening and return what was heard. */
  finish(): Promise<Clip>;
  /** Stop listening and forget it. */
  abandon(): Promise<void>;
};

export type Listening = {
  maxSeconds: number;
  onHeard: (heard: Heard) => void;
  onFull: () => void; // maxSeconds are there
  onLost: () => void; // the microphone was taken away meanwhile
};

/** Why there is no microphone to listen with. */
export class MicrophoneProblem extends Error {
  constructor(
    readonly reason: "denied" | "missing" | "insecure" | "busy" | "lost",
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

export const SILENCE_DBFS = -120;
