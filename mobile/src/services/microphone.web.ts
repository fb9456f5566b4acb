import { type Listening, type Microphone, MicrophoneProblem } from "./microphone.types";
import { PcmTake } from "./pcm";

// A call's processing would change what a measurement hears: all of it off.
const RAW: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: 1,
};

const CHUNK_SAMPLES = 4096;

// Runs in the audio thread: gathers blocks of 128 samples and hands them over a chunk at a time.
const WORKLET = `
class Listener extends AudioWorkletProcessor {
  chunk = new Float32Array(${CHUNK_SAMPLES});
  filled = 0;
  process([input]) {
    const samples = input[0];
    if (!samples) return true;
    this.chunk.set(samples, this.filled);
    this.filled += samples.length;
    if (this.filled === this.chunk.length) {
      this.port.postMessage(this.chunk);
      this.filled = 0;
    }
    return true;
  }
}
registerProcessor("listener", Listener);
`;

export async function openMicrophone(listening: Listening): Promise<Microphone> {
  const stream = await openStream();
  try {
    return await listenTo(stream, listening);
  } catch (error) {
    stream.getTracks().forEach((track) => track.stop());
    throw new MicrophoneProblem("busy", { cause: error });
  }
}

async function listenTo(stream: MediaStream, listening: Listening): Promise<Microphone> {
  const context = new AudioContext();
  await context.resume();
  await loadWorklet(context);
  const take = new PcmTake(context.sampleRate, listening);
  const listener = new AudioWorkletNode(context, "listener", { numberOfOutputs: 0, channelCount: 1 });
  listener.port.onmessage = ({ data }: MessageEvent<Float32Array>) => take.add(data);
  context.createMediaStreamSource(stream).connect(listener);
  stream.getTracks().forEach((track) => (track.onended = listening.onLost));

  const abandon = async (): Promise<void> => {
    listener.port.onmessage = null;
    stream.getTracks().forEach((track) => track.stop());
    if (context.state !== "closed") await context.close();
  };
  const finish: Microphone["finish"] = async () => {
    await abandon();
    const content = new Blob([take.wav()], { type: "audio/wav" });
    return { name: "recording.wav", mimeType: "audio/wav", seconds: take.seconds, content };
  };
  return { finish, abandon };
}

async function openStream(): Promise<MediaStream> {
  // Browsers hide the microphone from pages that came over plain http.
  if (!window.isSecureContext) throw new MicrophoneProblem("insecure");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: RAW });
  } catch (error) {
    throw error instanceof DOMException ? new MicrophoneProblem(reasonOf(error.name)) : error;
  }
}

function reasonOf(name: string): MicrophoneProblem["reason"] {
  if (name === "NotAllowedError") return "denied";
  return name === "NotFoundError" ? "missing" : "busy";
}

async function loadWorklet(context: AudioContext): Promise<void> {
  const address = URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" }));
  await context.audioWorklet.addModule(address);
  URL.revokeObjectURL(address);
}
