import {
  AudioModule,
  type AudioRecorder,
  type RecordingOptions,
  requestRecordingPermissionsAsync,
  setAudioModeAsync,
} from "expo-audio";

import type { Clip } from "../files/clip";
import { watchAppState } from "./appState";
import {
  type Microphone,
  type MicrophoneOptions,
  MicrophoneProblem,
  SILENCE_DBFS,
} from "./microphone.types";
import { Watchdog } from "./watchdog";

// Android: its recorder cannot write wav, so AAC at a bit rate that is transparent; the source
// "unprocessed" bypasses the phone's signal processing.
const OPTIONS: Partial<RecordingOptions> = {
  extension: ".m4a",
  sampleRate: 48_000,
  numberOfChannels: 1,
  bitRate: 256_000,
  isMeteringEnabled: true,
  android: { outputFormat: "mpeg4", audioEncoder: "aac", audioSource: "unprocessed" },
};

const POLL_INTERVAL_MS = 100;
const ZERO_DBFS = -160; // what the recorder reports where no sample differed from zero

export async function openMicrophone(options: MicrophoneOptions): Promise<Microphone> {
  const permission = await requestRecordingPermissionsAsync();
  if (!permission.granted) throw new MicrophoneProblem("denied");
  await setAudioModeAsync({ allowsRecording: true, playsInSilentMode: true });
  const recorder = new AudioModule.AudioRecorder({});
  await recorder.prepareToRecordAsync(OPTIONS).catch((error: unknown) => {
    throw new MicrophoneProblem("busy", { cause: error });
  });
  recorder.record();
  const stopWatching = watchRecorder(recorder, options);

  const stop = async (): Promise<number> => {
    stopWatching();
    const seconds = recorder.getStatus().durationMillis / 1000;
    await recorder.stop();
    await setAudioModeAsync({ allowsRecording: false, playsInSilentMode: true });
    return seconds;
  };
  const discard: Microphone["discard"] = async () => {
    await stop();
    recorder.release();
  };
  const finish: Microphone["finish"] = async () => {
    const clip = createClip(await stop(), recorder.uri);
    recorder.release();
    return clip;
  };
  return { finish, discard };
}

/** Report progress and interruptions until the returned function is called. */
function watchRecorder(recorder: AudioRecorder, options: MicrophoneOptions): () => void {
  const watchdog = new Watchdog(options.onInterrupted);
  const stopWatchingApp = watchAppState(watchdog);
  const errors = recorder.addListener("recordingStatusUpdate", ({ hasError }) => {
    if (hasError) watchdog.interrupt("lost");
  });
  const poll = setInterval(() => {
    const { durationMillis, isRecording, metering = ZERO_DBFS } = recorder.getStatus();
    // The system has paused it: a call, another app, or the permission was withdrawn.
    if (!isRecording) return watchdog.interrupt("interrupted");
    const seconds = durationMillis / 1000;
    options.onProgress({ seconds, levelDbfs: Math.max(metering, SILENCE_DBFS) });
    watchdog.see(POLL_INTERVAL_MS / 1000, { isZero: metering <= ZERO_DBFS });
    if (seconds >= options.maxSeconds) options.onMaxSeconds();
  }, POLL_INTERVAL_MS);
  return () => {
    clearInterval(poll);
    errors.remove();
    stopWatchingApp();
    watchdog.stop();
  };
}

function createClip(seconds: number, uri: string | null): Clip {
  if (uri === null) throw new MicrophoneProblem("lost");
  return { name: "recording.m4a", mimeType: "audio/mp4", seconds, content: uri };
}
