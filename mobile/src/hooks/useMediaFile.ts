import { useEffect, useMemo } from "react";

import { type Media, showable } from "../services/media";
import type { Outcome, Problem } from "../services/problem";
import { useLoaded } from "./query";

export type Shown = { uri: string | null; problem: Problem | null; reload: () => void };

/** Fetch a picture or a sound with the bearer, and make it showable for as long as it is on the screen. */
export function useShownFile(name: string, load: () => Promise<Outcome<Media>>): Shown {
  const { value: media, problem, reload } = useLoaded(["media", name], load);
  const file = useMemo(() => (media ? showable(media, name) : null), [media, name]);
  useEffect(() => () => file?.release(), [file]);
  return { uri: file?.uri ?? null, problem, reload };
}
