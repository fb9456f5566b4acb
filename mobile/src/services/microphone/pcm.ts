import { type MicrophoneOptions, SILENCE_DBFS } from "./microphone.types";
import type { Watchdog } from "./watchdog";

const WAV_HEADER_BYTES = 44;
const FULL_SCALE = 32768;

type Listeners = Pick<MicrophoneOptions, "maxSeconds" | "onProgress" | "onMaxSeconds">;

/** The samples of one channel as recorded, up to the longest length. */
export class PcmBuffer {
  private readonly chunks: Float32Array[] = [];
  private nSamples = 0;
  private readonly maxSamples: number;

  constructor(
    readonly sampleRateHz: number,
    private readonly options: Listeners,
    private readonly watchdog: Watchdog,
  ) {
    this.maxSamples = Math.round(options.maxSeconds * sampleRateHz);
  }

  get seconds(): number {
    return this.nSamples / this.sampleRateHz;
  }

  add(samples: Float32Array): void {
    const nFree = this.maxSamples - this.nSamples;
    if (nFree <= 0) return;
    const chunk = samples.slice(0, nFree);
    this.chunks.push(chunk);
    this.nSamples += chunk.length;
    this.options.onProgress({ seconds: this.seconds, levelDbfs: computeLevelDbfs(chunk) });
    const isZero = chunk.every((sample) => sample === 0);
    this.watchdog.see(chunk.length / this.sampleRateHz, { isZero });
    if (this.nSamples === this.maxSamples) this.options.onMaxSeconds();
  }

  toWav(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(WAV_HEADER_BYTES + 2 * this.nSamples);
    const view = new DataView(bytes.buffer);
    writeHeader(view, this.sampleRateHz, this.nSamples);
    let offset = WAV_HEADER_BYTES;
    for (const chunk of this.chunks) {
      for (const sample of chunk) {
        view.setInt16(offset, toInt16(sample), true);
        offset += 2;
      }
    }
    return bytes;
  }
}

function toInt16(sample: number): number {
  return Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(sample * FULL_SCALE)));
}

export function computeLevelDbfs(samples: Float32Array): number {
  const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
  const power = energy / Math.max(samples.length, 1);
  return power > 0 ? Math.max(SILENCE_DBFS, 10 * Math.log10(power)) : SILENCE_DBFS;
}

/** Write a RIFF header: mono, 16 bits, little-endian. */
function writeHeader(view: DataView, sampleRateHz: number, nSamples: number): void {
  const dataBytes = 2 * nSamples;
  writeText(view, 0, "RIFF");
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true);
  writeText(view, 8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, 2 * sampleRateHz, true); // bytes per second
  view.setUint16(32, 2, true); // bytes per frame
  view.setUint16(34, 16, true); // bits per sample
  writeText(view, 36, "data");
  view.setUint32(40, dataBytes, true);
}

function writeText(view: DataView, offset: number, text: string): void {
  [...text].forEach((character, index) => view.setUint8(offset + index, character.charCodeAt(0)));
}
