import {
  AudioModule,
  type RecordingOptions,
  requestRecordingPermissionsAsync,
  setAudioModeAsync,
} from "expo-audio";

import type { Clip } from "./clip";
import { type Listening, type Microphone, MicrophoneProblem, SILENCE_DBFS } from "./microphone.types";

// Android: its recorder writes no wav, so AAC at a rate that leaves nothing to hear; and the source that no
// processing of the phone has touched.
const OPTIONS: Partial<RecordingOptions> = {
  extension: ".m4a",
  sampleRate: 48_000,
  numberOfChannels: 1,
  bitRate: 256_000,
  isMeteringEnabled: true,
  android: { outputFormat: "mpeg4", audioEncoder: "aac", audioSource: "unprocessed" },
};

const LOOK_EVERY_MS = 100;

export async function openMicrophone(listening: Listening): Promise<Microphone> {
  const permission = await requestRecordingPermissionsAsync();
  if (!permission.granted) throw new MicrophoneProblem("denied");
  await setAudioModeAsync({ allowsRecording: true, playsInSilentMode: true });
  const recorder = new AudioModule.AudioRecorder({});
  await recorder.prepareToRecordAsync(OPTIONS).catch((error: unknown) => {
    throw new MicrophoneProblem("busy", { cause: error });
  });
  recorder.record();
  let seconds = 0;
  const look = setInterval(() => {
    const { durationMillis, metering } = recorder.getStatus();
    seconds = durationMillis / 1000;
    listening.onHeard({ seconds, levelDbfs: metering ?? SILENCE_DBFS });
    if (seconds >= listening.maxSeconds) listening.onFull();
  }, LOOK_EVERY_MS);

  const stop = async (): Promise<void> => {
    clearInterval(look);
    seconds = recorder.getStatus().durationMillis / 1000;
    await recorder.stop();
    await setAudioModeAsync({ allowsRecording: false, playsInSilentMode: true });
  };
  const abandon: Microphone["abandon"] = async () => {
    await stop();
    recorder.release();
  };
  const finish: Microphone["finish"] = async () => {
    await stop();
    const clip = clipAt(recorder.uri, seconds);
    recorder.release();
    return clip;
  };
  return { finish, abandon };
}

function clipAt(uri: string | null, seconds: number): Clip {
  if (uri === null) throw new MicrophoneProblem("lost");
  return { name: "recording.m4a", mimeType: "audio/mp4", seconds, content: uri };
}
