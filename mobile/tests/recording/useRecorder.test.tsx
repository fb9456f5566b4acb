import { act, renderHook } from "@testing-library/react-native";

import { type Recorder, useRecorder } from "../../src/recording/useRecorder";
import type { Clip } from "../../src/services/files/clip";
import {
  type MicrophoneOptions,
  MicrophoneProblem,
} from "../../src/services/microphone/microphone.types";
import { CLIP } from "../support/examples";

const mockOpenMicrophone = jest.fn();
jest.mock("../../src/services/microphone/microphone", () => ({
  openMicrophone: (options: MicrophoneOptions) => mockOpenMicrophone(options) as unknown,
}));

const finish = jest.fn();
const discard = jest.fn();
const receive = jest.fn<void, [Clip]>();

beforeEach(() => {
  finish.mockReset().mockResolvedValue(CLIP);
  discard.mockReset().mockResolvedValue(undefined);
  receive.mockReset();
  mockOpenMicrophone.mockReset().mockResolvedValue({ finish, discard });
});

async function start(): Promise<{ current: Recorder }> {
  const { result } = renderHook(() => useRecorder(receive));
  await act(() => result.current.start(10));
  return result;
}

function getOptions(): MicrophoneOptions {
  return (mockOpenMicrophone.mock.lastCall as [MicrophoneOptions])[0];
}

test("one clip is delivered, whether stopped by hand or by its length", async () => {
  const recorder = await start();
  expect(recorder.current.state.step).toBe("recording");
  await act(async () => {
    getOptions().onMaxSeconds();
    await recorder.current.stop();
  });
  expect(receive.mock.calls).toEqual([[CLIP]]);
  expect(recorder.current.state.step).toBe("idle");
});

test("a cancelled recording is discarded, and recording can start again", async () => {
  const recorder = await start();
  await act(() => recorder.current.cancel());
  expect(discard).toHaveBeenCalledTimes(1);
  expect(receive).not.toHaveBeenCalled();
  expect(recorder.current.state.step).toBe("idle");
  await act(() => recorder.current.start(10));
  expect(recorder.current.state.step).toBe("recording");
});

test.each(["muted", "lost", "interrupted", "no_sound"] as const)(
  "a recording that ends as %s is discarded, and says after how long",
  async (reason) => {
    const recorder = await start();
    await act(async () => getOptions().onProgress({ seconds: 4.2, levelDbfs: -30 }));
    await act(async () => getOptions().onInterrupted(reason));
    await act(async () => getOptions().onProgress({ seconds: 4.3, levelDbfs: -120 }));
    expect(recorder.current.state).toEqual({ step: "failed", reason, seconds: 4.2 });
    expect(discard).toHaveBeenCalledTimes(1);
    expect(receive).not.toHaveBeenCalled();
  },
);

test("an interruption while the microphone opens is not lost", async () => {
  mockOpenMicrophone.mockImplementation(async (options: MicrophoneOptions) => {
    options.onInterrupted("muted");
    return { finish, discard };
  });
  const recorder = await start();
  expect(recorder.current.state).toEqual({ step: "failed", reason: "muted", seconds: 0 });
  expect(discard).toHaveBeenCalledTimes(1);
});

test("a recording that cannot be finished is reported", async () => {
  finish.mockRejectedValue(new MicrophoneProblem("lost"));
  const recorder = await start();
  await act(() => recorder.current.stop());
  expect(recorder.current.state).toEqual({ step: "failed", reason: "lost", seconds: 0 });
  expect(receive).not.toHaveBeenCalled();
});

test("a bug while opening shows a problem and is rethrown", async () => {
  mockOpenMicrophone.mockRejectedValue(new TypeError("a bug"));
  const { result } = renderHook(() => useRecorder(receive));
  await act(async () => {
    const error = await result.current.start(10).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
  });
  expect(result.current.state).toEqual({ step: "failed", reason: "busy", seconds: 0 });
});
