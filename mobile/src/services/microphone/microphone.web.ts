import { type Microphone, type MicrophoneOptions, MicrophoneProblem } from "./microphone.types";
import { PcmBuffer } from "./pcm";

// The processing that browsers apply for calls would change the measurement.
const UNPROCESSED: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: 1,
};

const CHUNK_SAMPLES = 4096;

// Runs in the audio thread: collects blocks of 128 samples and posts them in chunks.
const WORKLET = `
class Recorder extends AudioWorkletProcessor {
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
registerProcessor("recorder", Recorder);
`;

export async function openMicrophone(options: MicrophoneOptions): Promise<Microphone> {
  const stream = await openStream();
  try {
    return await startRecording(stream, options);
  } catch (error) {
    stopTracks(stream);
    throw new MicrophoneProblem("busy", { cause: error });
  }
}

async function startRecording(
  stream: MediaStream,
  options: MicrophoneOptions,
): Promise<Microphone> {
  const context = new AudioContext();
  await context.resume();
  await loadWorklet(context);
  const buffer = new PcmBuffer(context.sampleRate, options);
  const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0, channelCount: 1 });
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => buffer.add(data);
  context.createMediaStreamSource(stream).connect(node);
  stream.getTracks().forEach((track) => (track.onended = options.onLost));

  const discard = async (): Promise<void> => {
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

async function loadWorklet(context: AudioContext): Promise<void> {
  const address = URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" }));
  await context.audioWorklet.addModule(address);
  URL.revokeObjectURL(address);
}
