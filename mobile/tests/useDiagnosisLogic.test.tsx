import { act, renderHook, waitFor } from "@testing-library/react-native";

import { queryClient } from "../src/hooks/query";
import { type Diagnosis, useDiagnosisLogic } from "../src/hooks/useDiagnosisLogic";
import { AnalysisService, type Model } from "../src/services/analysisService";
import type { Clip } from "../src/services/clip";
import { type Listening, MicrophoneProblem } from "../src/services/microphone.types";
import { outbox } from "../src/services/outbox";
import type { Parcel } from "../src/services/outboxItem";
import { parcelStore } from "../src/services/outboxStore";
import { OFFLINE, fail, succeed } from "../src/services/problem";
import { beginSession } from "../src/services/session";
import { CLIP, SESSION, analysis, device, model } from "./examples";
import { Around } from "./renderInApp";

type Open = (listening: Listening) => Promise<{ finish: () => Promise<Clip>; abandon: () => Promise<void> }>;
const mockPicked = CLIP;
jest.mock("../src/services/pickClip", () => ({ pickClip: async () => mockPicked }));
const mockOpenMicrophone = jest.fn<ReturnType<Open>, Parameters<Open>>();
jest.mock("../src/services/microphone", () => ({
  openMicrophone: (listening: Listening) => mockOpenMicrophone(listening),
}));

const { forgetNotes } = jest.requireMock<{ forgetNotes: () => void }>("../src/services/storage");
const analyze = jest.spyOn(outbox as unknown as { send: Send }, "send");
type Send = typeof AnalysisService.analyze;

const PUMP = model("pump_forest", { name: "Pump" });
const PUMP_7 = device("pump-07");

async function begin(): Promise<{ current: Diagnosis }> {
  queryClient.clear();
  const { result } = renderHook(useDiagnosisLogic, { wrapper: Around });
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  return result;
}

async function record(diagnosis: { current: Diagnosis }): Promise<void> {
  await act(async () => diagnosis.current.record());
  await act(async () => diagnosis.current.recorder.stop());
  await waitFor(() => expect(["ready", "sending"]).not.toContain(diagnosis.current.step.kind));
}

beforeEach(async () => {
  forgetNotes();
  await beginSession(SESSION);
  for (const { key } of await parcelStore.list()) await outbox.discard(key);
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed([PUMP, model("other")]));
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed([PUMP_7, device("fan-02")]));
  mockOpenMicrophone.mockResolvedValue({ finish: async () => CLIP, abandon: async () => undefined });
  analyze.mockReset().mockResolvedValue(succeed(analysis("NORMAL")));
});

test("the chosen model and machine go with the recording", async () => {
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseDevice(PUMP_7));
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  const sent = analyze.mock.lastCall?.[0] as Parcel;
  expect(sent).toMatchObject({ modelId: "pump_forest", deviceId: "pump-07", owner: expect.stringContaining("@") as string });
  expect(sent.key).toMatch(/^[0-9a-f]{32}$/);
  expect(sent.recordedAt).toMatch(/Z$/);
  expect(diagnosis.current.step).toMatchObject({ kind: "done", analysis: { label: "NORMAL" }, seconds: 10 });
});

test("the choice is remembered for each machine", async () => {
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseDevice(PUMP_7));
  act(() => diagnosis.current.chooseModel(PUMP));
  act(() => diagnosis.current.chooseDevice(null));
  expect(diagnosis.current.model).toBeNull();
  act(() => diagnosis.current.chooseDevice(PUMP_7));
  expect(diagnosis.current.model?.id).toBe("pump_forest");

  const restarted = await begin();
  expect(restarted.current.device?.device_id).toBe("pump-07");
  expect(restarted.current.model?.id).toBe("pump_forest");
});

test("a machine's preferred model is taken until another is chosen", async () => {
  const preferred = { id: "other", name: "Other", level: 1 };
  const machine = device("pump-08", { preferred_model: preferred });
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed([machine]));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseDevice(machine));
  expect(diagnosis.current.model?.id).toBe("other");
});

test("a model that is no longer offered is not sent to", async () => {
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(model("gone", { name: "Gone" })));
  expect(diagnosis.current.model).toBeNull();
  expect(diagnosis.current.goneModel?.name).toBe("Gone");
});

test("a model that cannot judge yet is not taken by itself, whether a machine prefers it or it was chosen before", async () => {
  const old = model("old", { name: "Old", is_calibrated: false });
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed([PUMP, old]));
  const machine = device("pump-08", { preferred_model: { id: "old", name: "Old", level: 1 } });
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed([machine]));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseDevice(machine));
  expect(diagnosis.current).toMatchObject({ model: null, goneModel: null, uncalibratedModel: { name: "Old" } });
  act(() => diagnosis.current.chooseDevice(null));
  act(() => diagnosis.current.chooseModel(old));
  expect(diagnosis.current).toMatchObject({ model: null, uncalibratedModel: { id: "old" } });
  act(() => diagnosis.current.chooseModel(PUMP));
  expect(diagnosis.current).toMatchObject({ model: { id: "pump_forest" }, uncalibratedModel: null });
});

test("without the list the model of last time serves on", async () => {
  const before = await begin();
  act(() => before.current.chooseModel(PUMP));
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(fail(OFFLINE));
  const diagnosis = await begin();
  expect(diagnosis.current.model?.id).toBe("pump_forest");
});

test("without an answer the recording waits, and its result appears when it went out", async () => {
  analyze.mockResolvedValue(fail(OFFLINE));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  expect(diagnosis.current.step.kind).toBe("waiting");
  expect(await parcelStore.list()).toHaveLength(1);

  analyze.mockResolvedValue(succeed(analysis("WARNING")));
  const { owner } = (await parcelStore.list())[0] as Parcel;
  await act(() => outbox.flush(owner));
  expect(diagnosis.current.step).toMatchObject({ kind: "done", analysis: { label: "WARNING" } });
});

test("what was refused can go out with another model", async () => {
  analyze.mockResolvedValue(fail({ kind: "rejected", code: "model_inactive", detail: "" }));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  expect(diagnosis.current.step.kind).toBe("refused");

  analyze.mockResolvedValue(succeed(analysis("NORMAL")));
  act(() => diagnosis.current.chooseModel(model("other")));
  const [refused] = await parcelStore.list();
  await act(() => diagnosis.current.resend(refused as Parcel));
  expect(analyze.mock.lastCall?.[0]).toMatchObject({ modelId: "other", key: refused?.key });
  expect(diagnosis.current.step.kind).toBe("done");
});

test("a second recording is held against the first", async () => {
  analyze.mockResolvedValue(succeed(analysis("CRITICAL")));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  expect(diagnosis.current.step).toMatchObject({ earlier: null });
  await act(async () => diagnosis.current.confirm(analysis("CRITICAL")));
  await act(async () => diagnosis.current.recorder.stop());
  await waitFor(() => expect(diagnosis.current.step).toMatchObject({ kind: "done", earlier: "CRITICAL" }));
});

test("a result does not stay under the name of another machine or model", async () => {
  analyze.mockResolvedValue(succeed(analysis("CRITICAL")));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  act(() => diagnosis.current.chooseDevice(device("fan-02")));
  expect(diagnosis.current.step.kind).toBe("ready");
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  act(() => diagnosis.current.chooseModel(model("other")));
  expect(diagnosis.current.step.kind).toBe("ready");
});

test("a confirmation that was cancelled confirms nothing later", async () => {
  analyze.mockResolvedValue(succeed(analysis("CRITICAL")));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  await act(async () => diagnosis.current.confirm(analysis("CRITICAL")));
  await act(() => diagnosis.current.recorder.cancel());
  await record(diagnosis);
  expect(diagnosis.current.step).toMatchObject({ kind: "done", earlier: null });
});

test("a second recording that has to wait still confirms the first", async () => {
  analyze.mockResolvedValue(fail(OFFLINE));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(PUMP));
  await act(async () => diagnosis.current.confirm(analysis("WARNING")));
  await act(async () => diagnosis.current.recorder.stop());
  await waitFor(() => expect(diagnosis.current.step.kind).toBe("waiting"));
  analyze.mockResolvedValue(succeed(analysis("CRITICAL")));
  const { owner } = (await parcelStore.list())[0] as Parcel;
  await act(() => outbox.flush(owner));
  expect(diagnosis.current.step).toMatchObject({ kind: "done", earlier: "WARNING" });
});

test("a microphone that may not be used is told", async () => {
  mockOpenMicrophone.mockRejectedValue(new MicrophoneProblem("denied"));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(PUMP));
  await act(async () => diagnosis.current.record());
  expect(diagnosis.current.recorder.state).toEqual({ step: "failed", reason: "denied" });
});

test("a device without room says so, and the recording is not taken for sent", async () => {
  jest.spyOn(parcelStore, "save").mockRejectedValueOnce(new Error("the storage is full"));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  expect(diagnosis.current.step.kind).toBe("unkept");
  expect(analyze).not.toHaveBeenCalled();
});

function learntFrom(id: string, clip_seconds?: number | null): Model {
  return model(id, { metrics: { auc: 0.97, ...(clip_seconds !== undefined && { clip_seconds }) } });
}

async function beginWith(...models: Model[]): Promise<{ current: Diagnosis }> {
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed(models));
  const diagnosis = await begin();
  act(() => diagnosis.current.chooseModel(models[0] as Model));
  return diagnosis;
}

test.each([
  [undefined, 0, 10], // a version of before
  [null, 0, 10],
  [10, 5, 10],
  [20.016, 10, 10], // no more than an encoder adds
  [20.4, 10.2, 20],
  [40, 20, 20],
  [41, 20.5, 30],
  [60, 30, 30],
  [61, 30.5, null],
])("a model that has learnt from clips of %p s is given %p s or more: at first %p", async (learnt, least, length) => {
  const diagnosis = await beginWith(learntFrom("long", learnt));
  expect(diagnosis.current).toMatchObject({ leastSeconds: least, lengthSeconds: length });
});

test("the length that was chosen holds with every model that can be given it", async () => {
  const [long, short, endless] = [learntFrom("long", 40), learntFrom("short", 10), learntFrom("endless", 90)];
  const diagnosis = await beginWith(short, long, endless);
  const lengthOf = (next: Model): number | null => {
    act(() => diagnosis.current.chooseModel(next));
    return diagnosis.current.lengthSeconds;
  };
  expect([short, long, endless, short].map(lengthOf)).toEqual([10, 20, null, 10]);
  act(() => diagnosis.current.setLengthSeconds(30));
  expect([short, long, short].map(lengthOf)).toEqual([30, 30, 30]);
});

test("without the server the lengths are those of the list that was kept", async () => {
  const long = learntFrom("long", 40);
  await beginWith(long);
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(fail(OFFLINE));
  const diagnosis = await begin();
  expect(diagnosis.current).toMatchObject({ model: { id: "long" }, leastSeconds: 20, lengthSeconds: 20 });
  await act(async () => diagnosis.current.record());
  expect(mockOpenMicrophone.mock.lastCall?.[0].maxSeconds).toBe(20);
});

test("a model that no recording is long enough for is sent a file", async () => {
  const diagnosis = await beginWith(learntFrom("endless", 90));
  mockOpenMicrophone.mockClear();
  await act(async () => diagnosis.current.record());
  expect(mockOpenMicrophone).not.toHaveBeenCalled();
  await act(() => diagnosis.current.pickFile());
  expect(diagnosis.current.step).toMatchObject({ kind: "done" });
});
