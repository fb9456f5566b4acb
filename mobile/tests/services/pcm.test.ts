import { PcmBuffer, computeLevelDbfs } from "../../src/services/microphone/pcm";
import { Watchdog } from "../../src/services/microphone/watchdog";

const RATE_HZ = 48_000;

function sine(seconds: number, amplitude: number): Float32Array {
  const omega = (2 * Math.PI * 440) / RATE_HZ;
  const length = seconds * RATE_HZ;
  return Float32Array.from({ length }, (_, n) => amplitude * Math.sin(omega * n));
}

type Listener = "onProgress" | "onMaxSeconds" | "onInterrupted";
type Setup = { buffer: PcmBuffer } & Record<Listener, jest.Mock>;

function createBuffer(maxSeconds: number): Setup {
  const onProgress = jest.fn();
  const onMaxSeconds = jest.fn();
  const onInterrupted = jest.fn();
  watchdog = new Watchdog(onInterrupted);
  const buffer = new PcmBuffer(RATE_HZ, { maxSeconds, onProgress, onMaxSeconds }, watchdog);
  return { buffer, onProgress, onMaxSeconds, onInterrupted };
}

let watchdog: Watchdog;
afterEach(() => watchdog.stop());

function readSamples(wav: Uint8Array<ArrayBuffer>): Int16Array {
  return new Int16Array(wav.buffer, 44);
}

test("the wav is as loud and as long as the input", () => {
  const { buffer } = createBuffer(10);
  buffer.add(sine(1, 0.1));
  buffer.add(sine(1, 0.1));
  const samples = readSamples(buffer.toWav());
  const level = computeLevelDbfs(Float32Array.from(samples, (sample) => sample / 32768));
  expect(level).toBeCloseTo(computeLevelDbfs(sine(1, 0.1)), 2);
  expect(samples.length / RATE_HZ).toBe(2);
  expect(buffer.seconds).toBe(2);
});

test("the header describes the samples", () => {
  const { buffer } = createBuffer(10);
  buffer.add(sine(1, 0.1));
  const view = new DataView(buffer.toWav().buffer);
  expect(String.fromCharCode(...buffer.toWav().slice(0, 16))).toMatch(/^RIFF....WAVEfmt $/s);
  expect(view.getUint16(20, true)).toBe(1);
  expect(view.getUint16(22, true)).toBe(1);
  expect(view.getUint32(24, true)).toBe(RATE_HZ);
  expect(view.getUint32(40, true)).toBe(2 * RATE_HZ);
});

test("recording ends at the exact sample, and reports it once", () => {
  const { buffer, onMaxSeconds, onProgress } = createBuffer(1.5);
  buffer.add(sine(1, 0.1));
  expect(onMaxSeconds).not.toHaveBeenCalled();
  buffer.add(sine(1, 0.1));
  buffer.add(sine(1, 0.1));
  expect(onMaxSeconds).toHaveBeenCalledTimes(1);
  expect(buffer.seconds).toBe(1.5);
  const levelDbfs = expect.closeTo(-23, 0) as number;
  expect(onProgress).toHaveBeenLastCalledWith({ seconds: 1.5, levelDbfs });
});

test("too loud samples are clipped and do not wrap around", () => {
  const { buffer } = createBuffer(1);
  buffer.add(Float32Array.of(1.5, -1.5, 1, -1));
  expect([...readSamples(buffer.toWav())]).toEqual([32767, -32768, 32767, -32768]);
});

test("silence has a finite level", () => {
  expect(computeLevelDbfs(new Float32Array(100))).toBe(-120);
});

test("exact zeros are an interruption, a very quiet machine is none", () => {
  const { buffer, onInterrupted } = createBuffer(10);
  buffer.add(sine(3, 1e-7));
  buffer.add(new Float32Array(1.9 * RATE_HZ));
  buffer.add(sine(0.1, 1e-7));
  buffer.add(new Float32Array(1.9 * RATE_HZ));
  expect(onInterrupted).not.toHaveBeenCalled();
  buffer.add(new Float32Array(0.1 * RATE_HZ));
  expect(onInterrupted.mock.calls).toEqual([["no_sound"]]);
});
