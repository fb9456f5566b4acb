import { AudioModule, requestRecordingPermissionsAsync, setAudioModeAsync } from "expo-audio";
import { File, Paths } from "expo-file-system";

import { watchAppState } from "./appState";
import { type Microphone, type MicrophoneOptions, MicrophoneProblem } from "./microphone.types";
import { PcmBuffer } from "./pcm";
import { Watchdog } from "./watchdog";

const SAMPLE_RATE_HZ = 48_000;

/**
 * Record in the measurement mode of iOS, which applies no signal processing.
 * A call or a pulled headset stops the stream without an event: the watchdog notices.
 */
export async function openMicrophone(options: MicrophoneOptions): Promise<Microphone> {
  const permission = await requestRecordingPermissionsAsync();
  if (!permission.granted) throw new MicrophoneProblem("denied");
  const format = { sampleRate: SAMPLE_RATE_HZ, channels: 1, encoding: "float32" } as const;
  const stream = new AudioModule.AudioStream(format);
  await stream.start().catch((error: unknown) => {
    throw new MicrophoneProblem("busy", { cause: error });
  });
  const watchdog = new Watchdog(options.onInterrupted);
  const stopWatching = watchAppState(watchdog);
  const buffer = new PcmBuffer(stream.sampleRate, options, watchdog);
  const subscriptions = [
    stream.addListener("audioStreamBuffer", ({ data }) => buffer.add(new Float32Array(data))),
    stream.addListener("audioStreamStatus", ({ isStreaming }) => {
      if (!isStreaming) watchdog.interrupt("lost");
    }),
  ];

  const discard = async (): Promise<void> => {
    watchdog.stop();
    stopWatching();
    subscriptions.forEach((subscription) => subscription.remove());
    stream.stop();
    stream.release();
    // Without this nothing could be played afterwards.
    await setAudioModeAsync({ allowsRecording: false, playsInSilentMode: true });
  };
  const finish: Microphone["finish"] = async () => {
    await discard();
    const file = new File(Paths.cache, "recording.wav");
    file.write(buffer.toWav());
    const { seconds } = buffer;
    return { name: "recording.wav", mimeType: "audio/wav", seconds, content: file.uri };
  };
  return { finish, discard };
}
