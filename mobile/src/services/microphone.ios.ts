import { AudioModule, requestRecordingPermissionsAsync, setAudioModeAsync } from "expo-audio";
import { File, Paths } from "expo-file-system";

import { type Listening, type Microphone, MicrophoneProblem } from "./microphone.types";
import { PcmTake } from "./pcm";

const SAMPLE_RATE_HZ = 48_000;

/** Listen in the measurement mode of iOS, which leaves the sound alone. */
export async function openMicrophone(listening: Listening): Promise<Microphone> {
  const permission = await requestRecordingPermissionsAsync();
  if (!permission.granted) throw new MicrophoneProblem("denied");
  const stream = new AudioModule.AudioStream({ sampleRate: SAMPLE_RATE_HZ, channels: 1, encoding: "float32" });
  await stream.start().catch((error: unknown) => {
    throw new MicrophoneProblem("busy", { cause: error });
  });
  const take = new PcmTake(stream.sampleRate, listening);
  const buffers = stream.addListener("audioStreamBuffer", ({ data }) => take.add(new Float32Array(data)));

  const abandon = async (): Promise<void> => {
    buffers.remove();
    stream.stop();
    stream.release();
    await setAudioModeAsync({ allowsRecording: false, playsInSilentMode: true }); // else nothing could be played
  };
  const finish: Microphone["finish"] = async () => {
    await abandon();
    const file = new File(Paths.cache, "recording.wav");
    file.write(take.wav());
    return { name: "recording.wav", mimeType: "audio/wav", seconds: take.seconds, content: file.uri };
  };
  return { finish, abandon };
}
