const CHUNK_SAMPLES = 4096;

// Runs in the audio thread: collects blocks of 128 samples and posts them in chunks.
const SOURCE = `
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

/** Create the part of the audio thread that hands over what was recorded. */
export async function createRecorderNode(context: AudioContext): Promise<AudioWorkletNode> {
  const address = URL.createObjectURL(new Blob([SOURCE], { type: "text/javascript" }));
  await context.audioWorklet.addModule(address);
  URL.revokeObjectURL(address);
  return new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0, channelCount: 1 });
}
