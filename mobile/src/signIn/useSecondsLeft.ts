import { useEffect, useState } from "react";

const SECOND_MS = 1000;

/** Count down from this many seconds to zero. */
export function useSecondsLeft(seconds: number): number {
  const [end] = useState(() => Date.now() + seconds * SECOND_MS);
  const [secondsLeft, setSecondsLeft] = useState(seconds);
  useEffect(() => {
    const timer = setInterval(() => {
      setSecondsLeft(Math.max(0, Math.ceil((end - Date.now()) / SECOND_MS)));
    }, SECOND_MS);
    return () => clearInterval(timer);
  }, [end]);
  return secondsLeft;
}
