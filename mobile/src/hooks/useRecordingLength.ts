import { useState } from "react";

export const LENGTHS_S = [10, 20, 30] as const;

export type Length = {
  leastSeconds: number; // a shorter recording would be refused
  lengthSeconds: number | null; // null: none that can be chosen is long enough
  setLengthSeconds: (seconds: number) => void;
};

/** How long to record: as was chosen, as long as that is enough, else the shortest that is. */
export function useLength(leastSeconds: number): Length {
  const [chosen, setLengthSeconds] = useState<number>(LENGTHS_S[0]);
  const isEnough = (seconds: number): boolean => seconds >= leastSeconds;
  const lengthSeconds = [chosen, ...LENGTHS_S].find(isEnough) ?? null;
  return { leastSeconds, lengthSeconds, setLengthSeconds };
}
