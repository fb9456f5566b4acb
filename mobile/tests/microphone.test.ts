import { Platform } from "react-native";

import { openMicrophone } from "../src/services/microphone";
import type { Listening } from "../src/services/microphone.types";

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

function listening(changes: Partial<Listening> = {}): Listening {
  return { maxSeconds: 10, onHeard: jest.fn(), onFull: jest.fn(), onLost: jest.fn(), ...changes };
}

beforeEach(() => mockAsk.mockResolvedValue({ granted: true }));

test("without permission there is no microphone", async () => {
  mockAsk.mockResolvedValue({ granted: false });
  await expect(openMicrophone(listening())).rejects.toMatchObject({ reason: "denied" });
});

test("one that cannot be opened is busy", async () => {
  mockRecorder.prepareToRecordAsync.mockRejectedValueOnce(new Error("held by a call"));
  mockStream.start.mockRejectedValueOnce(new Error("held by a call"));
  await expect(openMicrophone(listening())).rejects.toMatchObject({ reason: "busy" });
});

if (Platform.OS === "android") {
  test("Android records what no processing of the phone has touched", async () => {
    jest.useFakeTimers();
    const given = listening({ maxSeconds: 2 });
    const microphone = await openMicrophone(given);
    expect(mockRecorder.prepareToRecordAsync.mock.lastCall?.[0]).toMatchObject({
      numberOfChannels: 1,
      sampleRate: 48_000,
      android: { audioSource: "unprocessed" },
    });
    jest.advanceTimersByTime(100);
    expect(given.onHeard).toHaveBeenCalledWith({ seconds: 2.5, levelDbfs: -30 });
    expect(given.onFull).toHaveBeenCalled();
    expect(await microphone.finish()).toMatchObject({ mimeType: "audio/mp4", seconds: 2.5, content: mockRecorder.uri });
    expect(mockRecorder.release).toHaveBeenCalled();
    jest.useRealTimers();
  });
}

if (Platform.OS === "ios") {
  test("iOS hands over samples, which become a wav as long as they are", async () => {
    const remove = jest.fn();
    mockStream.addListener.mockReturnValue({ remove });
    const given = listening();
    const microphone = await openMicrophone(given);
    expect(mockOpened).toHaveBeenCalledWith({ sampleRate: 48_000, channels: 1, encoding: "float32" });
    const [, hear] = mockStream.addListener.mock.lastCall as [string, (buffer: { data: ArrayBuffer }) => void];
    hear({ data: new Float32Array(24_000).fill(0.5).buffer });
    expect(given.onHeard).toHaveBeenCalledWith({ seconds: 0.5, levelDbfs: expect.closeTo(-6, 0) as number });
    expect(await microphone.finish()).toMatchObject({ mimeType: "audio/wav", seconds: 0.5 });
    expect((mockWrite.mock.lastCall?.[0] as Uint8Array).length).toBe(44 + 2 * 24_000);
    expect(remove).toHaveBeenCalled();
    expect(mockStream.release).toHaveBeenCalled();
  });
}
