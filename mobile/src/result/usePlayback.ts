import { useAudioPlayer, useAudioPlayerStatus } from "expo-audio";
import { useEffect, useRef } from "react";

export type Playback = {
  isPlaying: boolean;
  position: number; // seconds
  play: (fromSeconds: number, toSeconds: number) => void;
  pause: () => void;
};

const UPDATE_INTERVAL_MS = 50;

/** Play a recording, or a segment of it. */
export function usePlayback(uri: string): Playback {
  const player = useAudioPlayer({ uri }, { updateInterval: UPDATE_INTERVAL_MS });
  const status = useAudioPlayerStatus(player);
  const end = useRef(Infinity);

  useEffect(() => {
    if (status.playing && status.currentTime >= end.current) player.pause();
  }, [player, status.playing, status.currentTime]);

  const play = (fromSeconds: number, toSeconds: number): void => {
    end.current = toSeconds;
    void player.seekTo(fromSeconds).then(() => player.play());
  };
  return {
    isPlaying: status.playing,
    position: status.currentTime,
    play,
    pause: () => player.pause(),
  };
}
