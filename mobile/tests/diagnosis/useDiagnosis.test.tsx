import { act, renderHook, waitFor } from "@testing-library/react-native";

import { type Diagnosis, useDiagnosis } from "../../src/diagnosis/useDiagnosis";
import { queryClient } from "../../src/queries/query";
import {
  type Microphone,
  type MicrophoneOptions,
  MicrophoneProblem,
} from "../../src/services/microphone/microphone.types";
import { outbox } from "../../src/services/outbox/outbox";
import type { OutboxItem } from "../../src/services/outbox/outboxItem";
import { outboxStore } from "../../src/services/outbox/outboxStore";
import { AnalysisService, type Model } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { CAPABILITIES, CLIP, SESSION, analysis, device, model } from "../support/examples";
import { AppProviders, prepareAnswers } from "../support/renderInApp";

type Open = (options: MicrophoneOptions) => Promise<Microphone>;
const mockPicked = CLIP;
jest.mock("../../src/services/files/pickClips", () => ({ pickClips: async () => [mockPicked] }));
const mockOpenMicrophone = jest.fn<ReturnType<Open>, Parameters<Open>>();
jest.mock("../../src/services/microphone/microphone", () => ({
  openMicrophone: (options: MicrophoneOptions) => mockOpenMicrophone(options),
}));

const { clearItems } = jest.requireMock<{ clearItems: () => void }>(
  "../../src/services/storage/storage",
);
const analyze = jest.spyOn(outbox as unknown as { send: Send }, "send");
type Send = typeof AnalysisService.analyze;

const PUMP = model("pump_forest", { name: "Pump" });
const PUMP_7 = device("pump-07");

const getModels = jest.spyOn(AnalysisService, "getAvailableModels");
const getDevices = jest.spyOn(AnalysisService, "getDevices");

function offer(...models: Model[]): void {
  getModels.mockResolvedValue(succeed(models));
}

type Start = { keepsAnswers?: boolean };

async function start({ keepsAnswers = false }: Start = {}): Promise<{ current: Diagnosis }> {
  if (!keepsAnswers) prepareAnswers();
  const { result } = renderHook(useDiagnosis, { wrapper: AppProviders });
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  return result;
}

async function record(diagnosis: { current: Diagnosis }): Promise<void> {
  await act(async () => diagnosis.current.record());
  await act(async () => diagnosis.current.recorder.stop());
  await waitFor(() => expect(["ready", "sending"]).not.toContain(diagnosis.current.step.kind));
}

beforeEach(async () => {
  clearItems();
  await beginSession(SESSION);
  for (const { key } of (await outboxStore.list()).items) await outbox.remove(key);
  offer(PUMP, model("other"));
  getDevices.mockResolvedValue(succeed([PUMP_7, device("fan-02")]));
  const microphone = { finish: async () => CLIP, discard: async () => undefined };
  mockOpenMicrophone.mockResolvedValue(microphone);
  analyze.mockReset().mockResolvedValue(succeed(analysis("NORMAL")));
});

test("the recording is sent with the chosen model and machine", async () => {
  const diagnosis = await start();
  act(() => diagnosis.current.chooseDevice(PUMP_7));
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  const sent = analyze.mock.lastCall?.[0] as OutboxItem;
  expect(sent).toMatchObject({ modelId: "pump_forest", deviceId: "pump-07" });
  expect(sent.owner).toMatch(/@/);
  expect(sent.key).toMatch(/^[0-9a-f]{32}$/);
  expect(sent.recordedAt).toMatch(/Z$/);
  const expected = { kind: "done", analysis: { label: "NORMAL" }, seconds: 10 };
  expect(diagnosis.current.step).toMatchObject(expected);
});

test("the chosen model is remembered for each machine", async () => {
  const diagnosis = await start();
  act(() => diagnosis.current.chooseDevice(PUMP_7));
  act(() => diagnosis.current.chooseModel(PUMP));
  act(() => diagnosis.current.chooseDevice(null));
  expect(diagnosis.current.model).toBeNull();
  act(() => diagnosis.current.chooseDevice(PUMP_7));
  expect(diagnosis.current.model?.id).toBe("pump_forest");

  const restarted = await start();
  expect(restarted.current.device?.device_id).toBe("pump-07");
  expect(restarted.current.model?.id).toBe("pump_forest");
});

test("a machine's preferred model is used until another is chosen", async () => {
  const preferred = { id: "other", name: "Other", level: 1 };
  const machine = device("pump-08", { preferred_model: preferred });
  getDevices.mockResolvedValue(succeed([machine]));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseDevice(machine));
  expect(diagnosis.current.model?.id).toBe("other");
});

test("a model that is no longer offered is not used", async () => {
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(model("gone", { name: "Gone" })));
  expect(diagnosis.current.model).toBeNull();
  expect(diagnosis.current.withdrawnModel?.name).toBe("Gone");
});

test("a machine without a preference brings the recommended model of its type", async () => {
  const recommended = model("best", { is_recommended: true, is_default: true });
  const ofFans = model("fans", { is_recommended: true, machine_type: "fan" });
  offer(PUMP, ofFans, recommended);
  const diagnosis = await start();
  act(() => diagnosis.current.chooseDevice(PUMP_7));
  expect(diagnosis.current).toMatchObject({ model: { id: "best" }, isMachinesOwn: true });
  act(() => diagnosis.current.chooseModel(PUMP));
  expect(diagnosis.current).toMatchObject({ model: { id: "pump_forest" }, isMachinesOwn: false });
});

test("an uncalibrated model is not used, whether preferred or chosen before", async () => {
  const old = model("old", { name: "Old", is_calibrated: false });
  offer(PUMP, old);
  const machine = device("pump-08", { preferred_model: { id: "old", name: "Old", level: 1 } });
  getDevices.mockResolvedValue(succeed([machine]));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseDevice(machine));
  expect(diagnosis.current).toMatchObject({ model: null, withdrawnModel: null });
  expect(diagnosis.current.uncalibratedModel?.name).toBe("Old");
  act(() => diagnosis.current.chooseDevice(null));
  act(() => diagnosis.current.chooseModel(old));
  expect(diagnosis.current).toMatchObject({ model: null, uncalibratedModel: { id: "old" } });
  act(() => diagnosis.current.chooseModel(PUMP));
  expect(diagnosis.current.model?.id).toBe("pump_forest");
  expect(diagnosis.current.uncalibratedModel).toBeNull();
});

test("while the list cannot be loaded the last chosen model is used", async () => {
  const before = await start();
  act(() => before.current.chooseModel(PUMP));
  getModels.mockResolvedValue(fail(OFFLINE));
  const diagnosis = await start();
  expect(diagnosis.current.model?.id).toBe("pump_forest");
});

test("a recording without an answer waits, and its result appears once it is sent", async () => {
  analyze.mockResolvedValue(fail(OFFLINE));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  expect(diagnosis.current.step.kind).toBe("waiting");
  expect((await outboxStore.list()).items).toHaveLength(1);

  analyze.mockResolvedValue(succeed(analysis("WARNING")));
  const [waiting] = (await outboxStore.list()).items;
  await act(() => outbox.flush(waiting?.owner ?? ""));
  expect(diagnosis.current.step).toMatchObject({ kind: "done", analysis: { label: "WARNING" } });
});

test("a refused recording can be sent with another model", async () => {
  analyze.mockResolvedValue(fail({ kind: "rejected", code: "model_inactive", detail: "" }));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  expect(diagnosis.current.step.kind).toBe("refused");

  analyze.mockResolvedValue(succeed(analysis("NORMAL")));
  act(() => diagnosis.current.chooseModel(model("other")));
  const [refused] = (await outboxStore.list()).items;
  await act(() => diagnosis.current.resend(refused as OutboxItem));
  expect(analyze.mock.lastCall?.[0]).toMatchObject({ modelId: "other", key: refused?.key });
  expect(diagnosis.current.step.kind).toBe("done");
});

test("a second recording is compared with the first", async () => {
  analyze.mockResolvedValue(succeed(analysis("CRITICAL")));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  expect(diagnosis.current.step).toMatchObject({ earlier: [] });
  await act(async () => diagnosis.current.confirm(analysis("CRITICAL"), []));
  await act(async () => diagnosis.current.recorder.stop());
  const expected = { kind: "done", earlier: ["CRITICAL"] };
  await waitFor(() => expect(diagnosis.current.step).toMatchObject(expected));
});

test("three refused files do not pile up, and a good one is judged", async () => {
  const refusal = { kind: "rejected", code: "unsupported_format", detail: "" } as const;
  analyze.mockResolvedValue(fail(refusal));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  for (let n = 0; n < 3; n += 1) {
    await act(() => diagnosis.current.pickFile());
    expect(diagnosis.current.step).toMatchObject({ kind: "refused", isKept: false });
    expect(diagnosis.current.step).toMatchObject({ problem: refusal, item: { isFile: true } });
    expect((await outboxStore.list()).items).toEqual([]);
  }
  analyze.mockResolvedValue(succeed(analysis("NORMAL")));
  await act(() => diagnosis.current.pickFile());
  expect(diagnosis.current.step).toMatchObject({ kind: "done", earlier: [] });
});

test.each([
  ["silent", 0],
  ["model_inactive", 1],
])("a recording refused as %s leaves %p in the outbox", async (code, nKept) => {
  analyze.mockResolvedValue(fail({ kind: "rejected", code, detail: "" }));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  expect(diagnosis.current.step).toMatchObject({ kind: "refused", isKept: nKept === 1 });
  expect((await outboxStore.list()).items).toHaveLength(nKept);
});

test("a third recording knows both verdicts before it", async () => {
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await act(async () => diagnosis.current.confirm(analysis("NORMAL"), ["WARNING"]));
  await act(async () => diagnosis.current.recorder.stop());
  const expected = { kind: "done", earlier: ["WARNING", "NORMAL"] };
  await waitFor(() => expect(diagnosis.current.step).toMatchObject(expected));
});

test("choosing another machine or model clears the result", async () => {
  analyze.mockResolvedValue(succeed(analysis("CRITICAL")));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  act(() => diagnosis.current.chooseDevice(device("fan-02")));
  expect(diagnosis.current.step.kind).toBe("ready");
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  act(() => diagnosis.current.chooseModel(model("other")));
  expect(diagnosis.current.step.kind).toBe("ready");
});

test("a cancelled confirmation does not count for the next recording", async () => {
  analyze.mockResolvedValue(succeed(analysis("CRITICAL")));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  await act(async () => diagnosis.current.confirm(analysis("CRITICAL"), []));
  await act(() => diagnosis.current.recorder.cancel());
  await record(diagnosis);
  expect(diagnosis.current.step).toMatchObject({ kind: "done", earlier: [] });
});

test("a second recording that has to wait still confirms the first", async () => {
  analyze.mockResolvedValue(fail(OFFLINE));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await act(async () => diagnosis.current.confirm(analysis("WARNING"), []));
  await act(async () => diagnosis.current.recorder.stop());
  await waitFor(() => expect(diagnosis.current.step.kind).toBe("waiting"));
  analyze.mockResolvedValue(succeed(analysis("CRITICAL")));
  const [waiting] = (await outboxStore.list()).items;
  await act(() => outbox.flush(waiting?.owner ?? ""));
  expect(diagnosis.current.step).toMatchObject({ kind: "done", earlier: ["WARNING"] });
});

test("a denied microphone is reported", async () => {
  mockOpenMicrophone.mockRejectedValue(new MicrophoneProblem("denied"));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await act(async () => diagnosis.current.record());
  expect(diagnosis.current.recorder.state).toMatchObject({ step: "failed", reason: "denied" });
});

test("a recording that cannot be stored is reported and not sent", async () => {
  jest.spyOn(outboxStore, "save").mockRejectedValueOnce(new Error("the storage is full"));
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(PUMP));
  await record(diagnosis);
  expect(diagnosis.current.step.kind).toBe("not_stored");
  expect(analyze).not.toHaveBeenCalled();
});

function modelTrainedOn(id: string, clip_seconds?: number | null): Model {
  return model(id, { metrics: { auc: 0.97, ...(clip_seconds !== undefined && { clip_seconds }) } });
}

async function startWith(...models: Model[]): Promise<{ current: Diagnosis }> {
  offer(...models);
  const diagnosis = await start();
  act(() => diagnosis.current.chooseModel(models[0] as Model));
  return diagnosis;
}

test.each([
  [undefined, 0, 10], // an older version
  [null, 0, 10],
  [10, 5, 10],
  [20.016, 10, 10], // an encoder adds this much
  [20.4, 10.2, 20],
  [40, 20, 20],
  [41, 20.5, 30],
  [60, 30, 30],
  [61, 30.5, null],
])("a model trained on clips of %p s needs %p s: at first %p", async (clipS, minS, lengthS) => {
  const diagnosis = await startWith(modelTrainedOn("long", clipS));
  expect(diagnosis.current).toMatchObject({ minSeconds: minS, lengthSeconds: lengthS });
});

test("the chosen length is kept for every model it is long enough for", async () => {
  const long = modelTrainedOn("long", 40);
  const short = modelTrainedOn("short", 10);
  const endless = modelTrainedOn("endless", 90);
  const diagnosis = await startWith(short, long, endless);
  const chooseAndGetLength = (next: Model): number | null => {
    act(() => diagnosis.current.chooseModel(next));
    return diagnosis.current.lengthSeconds;
  };
  expect([short, long, endless, short].map(chooseAndGetLength)).toEqual([10, 20, null, 10]);
  act(() => diagnosis.current.setLengthSeconds(30));
  expect([short, long, short].map(chooseAndGetLength)).toEqual([30, 30, 30]);
});

test("while the server is away the stored list gives the lengths", async () => {
  const long = modelTrainedOn("long", 40);
  await startWith(long);
  getModels.mockResolvedValue(fail(OFFLINE));
  const diagnosis = await start({ keepsAnswers: true });
  expect(diagnosis.current.model?.id).toBe("long");
  expect(diagnosis.current).toMatchObject({ minSeconds: 20, lengthSeconds: 20 });
  await act(async () => diagnosis.current.record());
  expect(mockOpenMicrophone.mock.lastCall?.[0].maxSeconds).toBe(20);
});

test("a model that needs longer recordings than the app makes is sent a file", async () => {
  const diagnosis = await startWith(modelTrainedOn("endless", 90));
  mockOpenMicrophone.mockClear();
  await act(async () => diagnosis.current.record());
  expect(mockOpenMicrophone).not.toHaveBeenCalled();
  await act(() => diagnosis.current.pickFile());
  expect(diagnosis.current.step).toMatchObject({ kind: "done" });
});

test("a demo recording is judged as one of its machine, by its own model", async () => {
  const machine = device("demo-pump", { preferred_model: { id: "best", name: "Best", level: 3 } });
  getDevices.mockResolvedValue(succeed([PUMP_7, machine]));
  const answers = succeed({ ...CAPABILITIES, demo_devices: ["demo-pump"] });
  jest.spyOn(AnalysisService, "getCapabilities").mockResolvedValueOnce(answers);
  queryClient.clear();
  offer(PUMP, model("best"));
  const media = { bytes: new ArrayBuffer(8), mimeType: "audio/wav" };
  const fetched = jest.spyOn(AnalysisService, "getDemoRecording").mockResolvedValue(succeed(media));
  const diagnosis = await start({ keepsAnswers: true });
  expect(diagnosis.current.demo?.device_id).toBe("demo-pump");
  await act(async () => void (await diagnosis.current.tryDemo("faulty")));
  expect(fetched).toHaveBeenCalledWith("demo-pump", "faulty");
  expect(analyze.mock.lastCall?.[0]).toMatchObject({ modelId: "best", deviceId: "demo-pump" });
  expect(diagnosis.current.device?.device_id).toBe("demo-pump");
  act(() => diagnosis.current.chooseDevice(PUMP_7));
  expect(diagnosis.current.demo).toBeNull();
});
