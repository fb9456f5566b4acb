import { act, fireEvent, screen } from "@testing-library/react-native";

import { changeLanguage } from "../../src/i18n";
import {
  AnalysisService,
  type CalibrationRecord,
  type DeviceCalibration,
} from "../../src/services/server/analysisService";
import { fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { CLIP, SESSION, device, model } from "../support/examples";
import { openApp } from "../support/renderInApp";

const mockPicked = CLIP;
jest.mock("../../src/services/files/pickClips", () => ({ pickClips: async () => [mockPicked] }));
const mockDelete = jest.fn();
jest.mock("../../src/services/files/pendingClip", () => ({
  savePendingClip: async (clip: unknown) => clip,
  deletePendingClip: () => mockDelete() as unknown,
}));

const RECORD: CalibrationRecord = {
  id: 7,
  model: { id: "pump_forest", version: 3 },
  device_id: "pump-07",
  target_rate: 0.01,
  thresholds: { warning: 4.1, critical: 5.2 },
  n: 5,
  n_groups: 5,
  method: "device",
  notes: ["few_clips"],
  restores: null,
  by: "engineer@plant.example",
  why: "",
  created_at: "2026-08-01T09:30:00Z",
};
const CALIBRATION: DeviceCalibration = {
  calibration: RECORD,
  before: {
    thresholds: { warning: 3.2, critical: 4.9 },
    history: { NORMAL: 10, WARNING: 6, CRITICAL: 2 },
    clips: { NORMAL: 1, WARNING: 4, CRITICAL: 0 },
  },
  after: {
    thresholds: { warning: 4.1, critical: 5.2 },
    history: { NORMAL: 17, WARNING: 0, CRITICAL: 1 },
    clips: { NORMAL: 5, WARNING: 0, CRITICAL: 0 },
  },
};

const getCalibrations = jest.spyOn(AnalysisService, "getCalibrations");
const calibrate = jest.spyOn(AnalysisService, "calibrateDevice");
const undo = jest.spyOn(AnalysisService, "undoCalibration");

const NOT_CALIBRATED = /has not been calibrated for this machine/;

async function open(records: CalibrationRecord[] = []): Promise<void> {
  mockDelete.mockReset();
  getCalibrations.mockResolvedValue(succeed(records));
  await beginSession(SESSION);
  const pump = model("pump_forest", { name: "Pump", metrics: { clip_seconds: 30 } });
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed([pump]));
  const machine = device("pump-07", { name: "Cooling water pump 7" });
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed([machine]));
  await openApp("calibration/pump-07/pump_forest");
  await screen.findByText(records.length > 0 ? /^Calibrated for this machine/ : NOT_CALIBRATED);
}

function refuse(code: string, clip?: number): void {
  const problem = { kind: "rejected", code, detail: "In English.", clip } as const;
  calibrate.mockResolvedValue(fail(problem));
}

async function press(name: string | RegExp): Promise<void> {
  await act(async () => fireEvent.press(screen.getByRole("button", { name })));
}

async function pick(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await press("Choose files");
}

test("five recordings are needed, and each can be deleted", async () => {
  calibrate.mockResolvedValue(succeed(CALIBRATION));
  await open();
  await pick(5);
  expect(screen.getByRole("button", { name: "Calibrate with 5 recordings" })).toBeEnabled();
  await press("Delete recording 2");
  expect(screen.getByText("1 more is needed.")).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "Calibrate with 4 recordings" })).toBeDisabled();
});

test("recordings are as long as the model needs", async () => {
  await open();
  expect(screen.getByRole("radio", { name: "10 s" })).toBeDisabled();
  expect(screen.getByRole("radio", { name: "20 s" })).toBeChecked();
  expect(screen.getByText("This model needs 15 s or more.")).toBeOnTheScreen();
});

test("the effect is shown before and after, with the notes of the server", async () => {
  calibrate.mockResolvedValue(succeed(CALIBRATION));
  await open();
  await pick(5);
  getCalibrations.mockResolvedValue(succeed([RECORD]));
  await press("Calibrate with 5 recordings");
  const sent = calibrate.mock.lastCall?.slice(0, 3);
  expect(sent).toEqual(["pump-07", "pump_forest", Array(5).fill(CLIP)]);
  const before = await screen.findByTestId("effect-before");
  expect(before).toHaveTextContent(/from 3\.2.*10 normal, 6 warning, 2 critical/);
  const after = screen.getByTestId("effect-after");
  expect(after).toHaveTextContent(/from 4\.1.*17 normal, 0 warning, 1 critical/);
  expect(screen.getByText(/Fewer than ten recordings/)).toBeOnTheScreen();
  const current = /version 3.*from 5 recordings by engineer@plant\.example/;
  expect(await screen.findByText(current)).toBeOnTheScreen();
});

test("refused recordings stay, so that they can be replaced", async () => {
  refuse("inconsistent_clips", 3);
  await open();
  await pick(5);
  await press("Calibrate with 5 recordings");
  const refusal = /^Recording 3: It sounds very different from the others/;
  expect(await screen.findByText(refusal)).toBeOnTheScreen();
  expect(screen.getAllByTestId("calibration-clip")).toHaveLength(5);
});

test.each([
  ["inconsistent_clips", /^3번 녹음: 나머지 녹음과 크게 다르게 들립니다/],
  ["silent", /^3번 녹음: 소리가 없는 녹음입니다/],
  ["duplicate_clip", /^3번 녹음: 앞의 녹음과 같은 소리입니다/],
  ["invalid", /^3번 녹음: 서버가 보낸 내용을 처리할 수 없습니다/],
])("a recording refused as %s can be deleted below its refusal", async (code, text) => {
  refuse(code, 3);
  await open();
  await pick(5);
  await press("Calibrate with 5 recordings");
  act(() => changeLanguage("ko"));
  expect(screen.getByText(text)).toBeOnTheScreen();
  expect(screen.queryByText(/English/)).toBeNull();
  const [, ...inNote] = screen.getAllByRole("button", { name: "3번 녹음 삭제" });
  expect(inNote).toHaveLength(1);
  await act(async () => inNote.forEach((each) => fireEvent.press(each)));
  expect(screen.getAllByTestId("calibration-clip")).toHaveLength(4);
  expect(screen.queryByText(text)).toBeNull();
  act(() => changeLanguage("en"));
});

test("a refusal of all recordings is shown as the text of its code", async () => {
  refuse("not_calibrated");
  await open();
  await pick(5);
  await press("Calibrate with 5 recordings");
  expect(await screen.findByText(/^This model is not calibrated yet/)).toBeOnTheScreen();
});

test("undoing needs a second press", async () => {
  undo.mockResolvedValue(succeed({ ...RECORD, id: 8, thresholds: null }));
  await open([RECORD]);
  await press("Undo this calibration");
  expect(undo).not.toHaveBeenCalled();
  getCalibrations.mockResolvedValue(succeed([{ ...RECORD, id: 8, thresholds: null }, RECORD]));
  await press("Undo this calibration");
  expect(undo).toHaveBeenCalledWith("pump-07", 7);
  expect(await screen.findByText(NOT_CALIBRATED)).toBeOnTheScreen();
});

test("leaving discards recordings only after a warning", async () => {
  await open();
  await pick(1);
  await press("Back");
  const warning = "1 recording has not been used yet and would be lost.";
  expect(screen.getByText(warning)).toBeOnTheScreen();
  await press("Continue recording");
  expect(screen.queryByText(warning)).toBeNull();
  await press("Back");
  await press("Close and discard");
  expect(screen.queryByTestId("current-calibration")).toBeNull();
  expect(mockDelete).toHaveBeenCalledTimes(1);
});
