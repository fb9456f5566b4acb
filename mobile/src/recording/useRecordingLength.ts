import { useState } from "react";

export const LENGTHS_S = [10, 20, 30] as const;

export type RecordingLength = {
  minSeconds: number; // a shorter recording would be refused
  lengthSeconds: number | null; // null: every length on offer is too short
  setLengthSeconds: (seconds: number) => void;
};

/** Choose how long to record: the chosen length if it suffices, else the shortest that does. */
export function useRecordingLength(minSeconds: number): RecordingLength {
  const [chosen, setLengthSeconds] = useState<number>(LENGTHS_S[0]);
  const isEnough = (seconds: number): boolean => seconds >= minSeconds;
  const lengthSeconds = [chosen, ...LENGTHS_S].find(isEnough) ?? null;
  return { minSeconds, lengthSeconds, setLengthSeconds };
}
