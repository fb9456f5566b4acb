// Runs in the audio thread: collects blocks of 128 samples and posts them in chunks.
// A page of an earlier release may load it too, so what it is called and posts stays as it is.

const CHUNK_SAMPLES = 4096;

class Recorder extends AudioWorkletProcessor {
  chunk = new Float32Array(CHUNK_SAMPLES);
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
