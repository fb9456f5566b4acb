import { AudioModule, requestRecordingPermissionsAsync, setAudioModeAsync } from "expo-audio";
import { File, Paths } from "expo-file-system";

import { type Microphone, type MicrophoneOptions, MicrophoneProblem } from "./microphone.types";
import { PcmBuffer } from "./pcm";

const SAMPLE_RATE_HZ = 48_000;

/** Record in the measurement mode of iOS, which applies no signal processing. */
export async function openMicrophone(options: MicrophoneOptions): Promise<Microphone> {
  const permission = await requestRecordingPermissionsAsync();
  if (!permission.granted) throw new MicrophoneProblem("denied");
  const format = { sampleRate: SAMPLE_RATE_HZ, channels: 1, encoding: "float32" } as const;
  const stream = new AudioModule.AudioStream(format);
  await stream.start().catch((error: unknown) => {
    throw new MicrophoneProblem("busy", { cause: error });
  });
  const buffer = new PcmBuffer(stream.sampleRate, options);
  const subscription = stream.addListener("audioStreamBuffer", ({ data }) =>
    buffer.add(new Float32Array(data)),
  );

  const discard = async (): Promise<void> => {
    subscription.remove();
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
