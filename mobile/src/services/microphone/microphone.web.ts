import { type Microphone, type MicrophoneOptions, MicrophoneProblem } from "./microphone.types";
import { PcmBuffer } from "./pcm";
import { Watchdog } from "./watchdog";
import { createRecorderNode } from "./worklet";

// The processing that browsers apply for calls would change the measurement.
const UNPROCESSED: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: 1,
};

export async function openMicrophone(options: MicrophoneOptions): Promise<Microphone> {
  const stream = await openStream();
  try {
    return await startRecording(stream, options);
  } catch (error) {
    stopTracks(stream);
    if (error instanceof MicrophoneProblem) throw error;
    throw new MicrophoneProblem("busy", { cause: error });
  }
}

async function startRecording(
  stream: MediaStream,
  options: MicrophoneOptions,
): Promise<Microphone> {
  if (stream.getTracks().some((track) => track.muted)) throw new MicrophoneProblem("muted");
  const context = new AudioContext();
  await context.resume();
  const node = await createRecorderNode(context);
  const watchdog = new Watchdog(options.onInterrupted);
  const buffer = new PcmBuffer(context.sampleRate, options, watchdog);
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => buffer.add(data);
  context.createMediaStreamSource(stream).connect(node);
  watchEvents(stream, context, watchdog);

  const discard = async (): Promise<void> => {
    watchdog.stop();
    node.port.onmessage = null;
    stopTracks(stream);
    if (context.state !== "closed") await context.close();
  };
  const finish: Microphone["finish"] = async () => {
    await discard();
    const content = new Blob([buffer.toWav()], { type: "audio/wav" });
    return { name: "recording.wav", mimeType: "audio/wav", seconds: buffer.seconds, content };
  };
  return { finish, discard };
}

/** End the recording when the browser says that it has a hole. */
function watchEvents(stream: MediaStream, context: AudioContext, watchdog: Watchdog): void {
  for (const track of stream.getTracks()) {
    track.onmute = () => watchdog.interrupt("muted");
    track.onended = () => watchdog.interrupt("lost");
  }
  // "suspended", or "interrupted" in Safari: a call or another app has the sound now.
  context.onstatechange = () => {
    if (context.state !== "running") watchdog.interrupt("interrupted");
  };
}

function stopTracks(stream: MediaStream): void {
  stream.getTracks().forEach((track) => track.stop());
}

async function openStream(): Promise<MediaStream> {
  // Browsers hide the microphone from pages that were loaded over plain http.
  if (!window.isSecureContext) throw new MicrophoneProblem("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: UNPROCESSED });
  } catch (error) {
    throw error instanceof DOMException ? new MicrophoneProblem(getReason(error.name)) : error;
  }
}

function getReason(errorName: string): MicrophoneProblem["reason"] {
  if (errorName === "NotAllowedError") return "denied";
  return errorName === "NotFoundError" ? "missing" : "busy";
}
