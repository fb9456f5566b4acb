import { AppState, type AppStateStatus, Platform } from "react-native";

import { openMicrophone } from "../../src/services/microphone/microphone";
import type { MicrophoneOptions } from "../../src/services/microphone/microphone.types";

const mockRecorder = {
  prepareToRecordAsync: jest.fn().mockResolvedValue(undefined),
  record: jest.fn(),
  stop: jest.fn().mockResolvedValue(undefined),
  release: jest.fn(),
  getStatus: jest.fn(() => ({ durationMillis: 2500, isRecording: true, metering: -30 })),
  addListener: jest.fn(() => ({ remove: jest.fn() })),
  uri: "file:///cache/recording.m4a",
};
const mockStream = {
  start: jest.fn().mockResolvedValue(undefined),
  stop: jest.fn(),
  release: jest.fn(),
  addListener: jest.fn((_event: string, _listener: Listener) => ({ remove: jest.fn() })),
  sampleRate: 48_000,
};
type Listener = (event: never) => void;
const mockAsk = jest.fn();
const mockOpened = jest.fn();

jest.mock("expo-audio", () => ({
  requestRecordingPermissionsAsync: () => mockAsk() as unknown,
  setAudioModeAsync: jest.fn().mockResolvedValue(undefined),
  AudioModule: {
    AudioRecorder: jest.fn(() => mockRecorder),
    AudioStream: jest.fn((options: unknown) => {
      mockOpened(options);
      return mockStream;
    }),
  },
}));

const mockWrite = jest.fn();
jest.mock("expo-file-system", () => ({
  Paths: { cache: "file:///cache" },
  File: jest.fn(() => ({ uri: "file:///cache/recording.wav", write: mockWrite })),
}));

function createOptions(changes: Partial<MicrophoneOptions> = {}): MicrophoneOptions {
  return {
    maxSeconds: 10,
    onProgress: jest.fn(),
    onMaxSeconds: jest.fn(),
    onInterrupted: jest.fn(),
    ...changes,
  };
}

beforeEach(() => {
  jest.useFakeTimers();
  mockAsk.mockResolvedValue({ granted: true });
});
afterEach(() => jest.useRealTimers());

/** Call what the recorder listens to. */
function tell(native: { addListener: jest.Mock }, name: string, event: object): void {
  const calls = native.addListener.mock.calls as [string, (event: object) => void][];
  calls.filter(([each]) => each === name).forEach(([, listener]) => listener(event));
}

function leaveTheApp(subscribe: jest.SpyInstance): void {
  const [, listener] = subscribe.mock.lastCall as [string, (status: AppStateStatus) => void];
  listener("background");
}

test("leaving the app interrupts a recording", async () => {
  const subscribe = jest.spyOn(AppState, "addEventListener");
  const options = createOptions();
  const microphone = await openMicrophone(options);
  leaveTheApp(subscribe);
  leaveTheApp(subscribe);
  expect((options.onInterrupted as jest.Mock).mock.calls).toEqual([["interrupted"]]);
  await microphone.discard();
});

test("without permission the microphone is denied", async () => {
  mockAsk.mockResolvedValue({ granted: false });
  await expect(openMicrophone(createOptions())).rejects.toMatchObject({ reason: "denied" });
});

test("a microphone that cannot be opened is busy", async () => {
  mockRecorder.prepareToRecordAsync.mockRejectedValueOnce(new Error("in use by a call"));
  mockStream.start.mockRejectedValueOnce(new Error("in use by a call"));
  await expect(openMicrophone(createOptions())).rejects.toMatchObject({ reason: "busy" });
});

if (Platform.OS === "android") {
  test("Android records from the unprocessed source", async () => {
    const options = createOptions({ maxSeconds: 2 });
    const microphone = await openMicrophone(options);
    expect(mockRecorder.prepareToRecordAsync.mock.lastCall?.[0]).toMatchObject({
      numberOfChannels: 1,
      sampleRate: 48_000,
      android: { audioSource: "unprocessed" },
    });
    jest.advanceTimersByTime(100);
    expect(options.onProgress).toHaveBeenCalledWith({ seconds: 2.5, levelDbfs: -30 });
    expect(options.onMaxSeconds).toHaveBeenCalled();
    const clip = { mimeType: "audio/mp4", seconds: 2.5, content: mockRecorder.uri };
    expect(await microphone.finish()).toMatchObject(clip);
    expect(mockRecorder.release).toHaveBeenCalled();
  });

  test.each([
    ["the system pauses it", { isRecording: false }, 100, "interrupted"],
    ["it hears exact zeros", { isRecording: true, metering: -160 }, 2_100, "no_sound"],
  ])("where %s the recording ends", async (_why, status, afterMs, reason) => {
    const options = createOptions();
    const microphone = await openMicrophone(options);
    const { getStatus } = mockRecorder;
    getStatus.mockReturnValue({ durationMillis: 2500, metering: -30, ...status });
    jest.advanceTimersByTime(afterMs);
    expect((options.onInterrupted as jest.Mock).mock.calls).toEqual([[reason]]);
    getStatus.mockReturnValue({ durationMillis: 2500, isRecording: true, metering: -30 });
    await microphone.discard();
  });

  test("an error of the recorder ends the recording", async () => {
    const options = createOptions();
    const microphone = await openMicrophone(options);
    tell(mockRecorder, "recordingStatusUpdate", { isFinished: true, hasError: true });
    expect(options.onInterrupted).toHaveBeenCalledWith("lost");
    await microphone.discard();
  });
}

if (Platform.OS === "ios") {
  test("samples from iOS become a wav of the same length", async () => {
    const remove = jest.fn();
    mockStream.addListener.mockClear().mockReturnValue({ remove });
    const options = createOptions();
    const microphone = await openMicrophone(options);
    const format = { sampleRate: 48_000, channels: 1, encoding: "float32" };
    expect(mockOpened).toHaveBeenCalledWith(format);
    tell(mockStream, "audioStreamBuffer", { data: new Float32Array(24_000).fill(0.5).buffer });
    const levelDbfs = expect.closeTo(-6, 0) as number;
    expect(options.onProgress).toHaveBeenCalledWith({ seconds: 0.5, levelDbfs });
    expect(await microphone.finish()).toMatchObject({ mimeType: "audio/wav", seconds: 0.5 });
    expect((mockWrite.mock.lastCall?.[0] as Uint8Array).length).toBe(44 + 2 * 24_000);
    expect(remove).toHaveBeenCalled();
    expect(mockStream.release).toHaveBeenCalled();
  });

  test("a call stops the stream without an event, and the recording ends too", async () => {
    mockStream.addListener.mockClear();
    const options = createOptions();
    const microphone = await openMicrophone(options);
    const data = new Float32Array(4_800).fill(0.5).buffer;
    for (let n = 0; n < 30; n += 1) {
      jest.advanceTimersByTime(100);
      tell(mockStream, "audioStreamBuffer", { data });
    }
    expect(options.onInterrupted).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2_500);
    expect((options.onInterrupted as jest.Mock).mock.calls).toEqual([["interrupted"]]);
    await microphone.discard();
  });

  test.each([
    ["audioStreamStatus", { isStreaming: false }, "lost"],
    ["audioStreamBuffer", { data: new Float32Array(96_000).buffer }, "no_sound"],
  ])("%s of a microphone that is gone ends the recording", async (name, event, reason) => {
    mockStream.addListener.mockClear();
    const options = createOptions();
    const microphone = await openMicrophone(options);
    tell(mockStream, name, event);
    expect((options.onInterrupted as jest.Mock).mock.calls).toEqual([[reason]]);
    await microphone.discard();
  });
}
