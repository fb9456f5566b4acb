import { act, renderHook } from "@testing-library/react-native";

import { type Recorder, useRecorder } from "../src/hooks/useRecorder";
import type { Clip } from "../src/services/clip";
import { type Listening, MicrophoneProblem } from "../src/services/microphone.types";
import { CLIP } from "./examples";

const mockOpenMicrophone = jest.fn();
jest.mock("../src/services/microphone", () => ({
  openMicrophone: (listening: Listening) => mockOpenMicrophone(listening) as unknown,
}));

const finish = jest.fn();
const abandon = jest.fn();
const receive = jest.fn<void, [Clip]>();

beforeEach(() => {
  finish.mockReset().mockResolvedValue(CLIP);
  abandon.mockReset().mockResolvedValue(undefined);
  receive.mockReset();
  mockOpenMicrophone.mockReset().mockResolvedValue({ finish, abandon });
});

async function begin(): Promise<{ current: Recorder }> {
  const { result } = renderHook(() => useRecorder(receive));
  await act(() => result.current.start(10));
  return result;
}

function listening(): Listening {
  return (mockOpenMicrophone.mock.lastCall as [Listening])[0];
}

test("one clip is handed over, however the end comes", async () => {
  const recorder = await begin();
  expect(recorder.current.state.step).toBe("recording");
  await act(async () => {
    listening().onFull();
    await recorder.current.stop();
  });
  expect(receive.mock.calls).toEqual([[CLIP]]);
  expect(recorder.current.state.step).toBe("idle");
});

test("what is cancelled is forgotten, and one can begin anew", async () => {
  const recorder = await begin();
  await act(() => recorder.current.cancel());
  expect(abandon).toHaveBeenCalledTimes(1);
  expect(receive).not.toHaveBeenCalled();
  expect(recorder.current.state.step).toBe("idle");
  await act(() => recorder.current.start(10));
  expect(recorder.current.state.step).toBe("recording");
});

test("a microphone that was taken away is told, and let go", async () => {
  const recorder = await begin();
  await act(async () => listening().onLost());
  expect(recorder.current.state).toEqual({ step: "failed", reason: "lost" });
  expect(abandon).toHaveBeenCalledTimes(1);
});

test("a recording that cannot be finished is told", async () => {
  finish.mockRejectedValue(new MicrophoneProblem("lost"));
  const recorder = await begin();
  await act(() => recorder.current.stop());
  expect(recorder.current.state).toEqual({ step: "failed", reason: "lost" });
  expect(receive).not.toHaveBeenCalled();
});

test("a mistake while opening leaves a way on, and does not go unseen", async () => {
  mockOpenMicrophone.mockRejectedValue(new TypeError("a mistake"));
  const { result } = renderHook(() => useRecorder(receive));
  await act(async () => expect(await result.current.start(10).catch((error: unknown) => error)).toBeInstanceOf(TypeError));
  expect(result.current.state).toEqual({ step: "failed", reason: "busy" });
});
