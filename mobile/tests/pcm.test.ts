import { PcmTake, levelDbfs } from "../src/services/pcm";

const RATE_HZ = 48_000;

function sine(seconds: number, amplitude: number): Float32Array {
  return Float32Array.from({ length: seconds * RATE_HZ }, (_, n) => amplitude * Math.sin((2 * Math.PI * 440 * n) / RATE_HZ));
}

function takeOf(maxSeconds: number): { take: PcmTake; onHeard: jest.Mock; onFull: jest.Mock } {
  const [onHeard, onFull] = [jest.fn(), jest.fn()];
  return { take: new PcmTake(RATE_HZ, { maxSeconds, onHeard, onFull, onLost: jest.fn() }), onHeard, onFull };
}

function samplesOf(wav: Uint8Array<ArrayBuffer>): Int16Array {
  return new Int16Array(wav.buffer, 44);
}

test("a wav is as loud and as long as what came in", () => {
  const { take } = takeOf(10);
  take.add(sine(1, 0.1));
  take.add(sine(1, 0.1));
  const samples = samplesOf(take.wav());
  const level = levelDbfs(Float32Array.from(samples, (sample) => sample / 32768));
  expect(level).toBeCloseTo(levelDbfs(sine(1, 0.1)), 2);
  expect(samples.length / RATE_HZ).toBe(2);
  expect(take.seconds).toBe(2);
});

test("the header says what follows", () => {
  const { take } = takeOf(10);
  take.add(sine(1, 0.1));
  const view = new DataView(take.wav().buffer);
  expect(String.fromCharCode(...take.wav().slice(0, 16))).toMatch(/^RIFF....WAVEfmt $/s);
  expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint32(24, true)]).toEqual([1, 1, RATE_HZ]);
  expect(view.getUint32(40, true)).toBe(2 * RATE_HZ);
});

test("it ends at the very sample, and says so once", () => {
  const { take, onFull, onHeard } = takeOf(1.5);
  take.add(sine(1, 0.1));
  expect(onFull).not.toHaveBeenCalled();
  take.add(sine(1, 0.1));
  take.add(sine(1, 0.1));
  expect(onFull).toHaveBeenCalledTimes(1);
  expect(take.seconds).toBe(1.5);
  expect(onHeard).toHaveBeenLastCalledWith({ seconds: 1.5, levelDbfs: expect.closeTo(-23, 0) as number });
});

test("what is too loud is clipped and does not wrap around", () => {
  const { take } = takeOf(1);
  take.add(Float32Array.of(1.5, -1.5, 1, -1));
  expect([...samplesOf(take.wav())]).toEqual([32767, -32768, 32767, -32768]);
});

test("silence has a level too", () => {
  expect(levelDbfs(new Float32Array(100))).toBe(-120);
});
