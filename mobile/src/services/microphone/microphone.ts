import {
  AudioModule,
  type RecordingOptions,
  requestRecordingPermissionsAsync,
  setAudioModeAsync,
} from "expo-audio";

import type { Clip } from "../files/clip";
import {
  type Microphone,
  type MicrophoneOptions,
  MicrophoneProblem,
  SILENCE_DBFS,
} from "./microphone.types";

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

export async function openMicrophone(options: MicrophoneOptions): Promise<Microphone> {
  const permission = await requestRecordingPermissionsAsync();
  if (!permission.granted) throw new MicrophoneProblem("denied");
  await setAudioModeAsync({ allowsRecording: true, playsInSilentMode: true });
  const recorder = new AudioModule.AudioRecorder({});
  await recorder.prepareToRecordAsync(OPTIONS).catch((error: unknown) => {
    throw new MicrophoneProblem("busy", { cause: error });
  });
  recorder.record();

  let seconds = 0;
  const poll = setInterval(() => {
    const { durationMillis, metering } = recorder.getStatus();
    seconds = durationMillis / 1000;
    options.onProgress({ seconds, levelDbfs: metering ?? SILENCE_DBFS });
    if (seconds >= options.maxSeconds) options.onMaxSeconds();
  }, POLL_INTERVAL_MS);

  const stop = async (): Promise<void> => {
    clearInterval(poll);
    seconds = recorder.getStatus().durationMillis / 1000;
    await recorder.stop();
    await setAudioModeAsync({ allowsRecording: false, playsInSilentMode: true });
  };
  const discard: Microphone["discard"] = async () => {
    await stop();
    recorder.release();
  };
  const finish: Microphone["finish"] = async () => {
    await stop();
    const clip = createClip(recorder.uri, seconds);
    recorder.release();
    return clip;
  };
  return { finish, discard };
}

function createClip(uri: string | null, seconds: number): Clip {
  if (uri === null) throw new MicrophoneProblem("lost");
  return { name: "recording.m4a", mimeType: "audio/mp4", seconds, content: uri };
}
