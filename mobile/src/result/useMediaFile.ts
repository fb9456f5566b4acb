import { useEffect, useMemo } from "react";

import { useServerQuery } from "../queries/query";
import { type Media, createMediaFile } from "../services/files/media";
import type { Outcome, Problem } from "../services/server/problem";

export type LoadedMedia = { uri: string | null; problem: Problem | null; reload: () => void };

/** Load a picture or a sound with the access token, as a file while it is on the screen. */
export function useMediaFile(name: string, load: () => Promise<Outcome<Media>>): LoadedMedia {
  const { value: media, problem, reload } = useServerQuery(["media", name], load);
  const file = useMemo(() => (media ? createMediaFile(media, name) : null), [media, name]);
  useEffect(() => () => file?.release(), [file]);
  return { uri: file?.uri ?? null, problem, reload };
}
