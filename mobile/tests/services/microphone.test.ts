import { Platform } from "react-native";

import { openMicrophone } from "../../src/services/microphone/microphone";
import type { MicrophoneOptions } from "../../src/services/microphone/microphone.types";

const mockRecorder = {
  prepareToRecordAsync: jest.fn().mockResolvedValue(undefined),
  record: jest.fn(),
  stop: jest.fn().mockResolvedValue(undefined),
  release: jest.fn(),
  getStatus: jest.fn(() => ({ durationMillis: 2500, metering: -30 })),
  uri: "file:///cache/recording.m4a",
};
const mockStream = {
  start: jest.fn().mockResolvedValue(undefined),
  stop: jest.fn(),
  release: jest.fn(),
  addListener: jest.fn(),
  sampleRate: 48_000,
};
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
    onLost: jest.fn(),
    ...changes,
  };
}

beforeEach(() => mockAsk.mockResolvedValue({ granted: true }));

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
    jest.useFakeTimers();
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
    jest.useRealTimers();
  });
}

if (Platform.OS === "ios") {
  test("samples from iOS become a wav of the same length", async () => {
    const remove = jest.fn();
    mockStream.addListener.mockReturnValue({ remove });
    const options = createOptions();
    const microphone = await openMicrophone(options);
    const format = { sampleRate: 48_000, channels: 1, encoding: "float32" };
    expect(mockOpened).toHaveBeenCalledWith(format);
    type Listener = (buffer: { data: ArrayBuffer }) => void;
    const [, send] = mockStream.addListener.mock.lastCall as [string, Listener];
    send({ data: new Float32Array(24_000).fill(0.5).buffer });
    const levelDbfs = expect.closeTo(-6, 0) as number;
    expect(options.onProgress).toHaveBeenCalledWith({ seconds: 0.5, levelDbfs });
    expect(await microphone.finish()).toMatchObject({ mimeType: "audio/wav", seconds: 0.5 });
    expect((mockWrite.mock.lastCall?.[0] as Uint8Array).length).toBe(44 + 2 * 24_000);
    expect(remove).toHaveBeenCalled();
    expect(mockStream.release).toHaveBeenCalled();
  });
}
