import { act, fireEvent, screen } from "@testing-library/react-native";

import { CalibrationSheet } from "../src/components/CalibrationSheet";
import { speak } from "../src/i18n";
import { AnalysisService, type CalibrationRecord, type DeviceCalibration } from "../src/services/analysisService";
import { fail, succeed } from "../src/services/problem";
import { beginSession } from "../src/services/session";
import { CLIP, SESSION, device, model } from "./examples";
import { show } from "./renderInApp";

const mockPicked = CLIP;
jest.mock("../src/services/pickClip", () => ({ pickClip: async () => mockPicked }));
const mockDropped = jest.fn();
jest.mock("../src/services/pendingClip", () => ({
  holdClip: async (clip: unknown) => clip,
  dropClip: () => mockDropped() as unknown,
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
const MADE: DeviceCalibration = {
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

const present = jest.spyOn(AnalysisService, "getCalibrations");
const calibrate = jest.spyOn(AnalysisService, "calibrateDevice");
const undo = jest.spyOn(AnalysisService, "undoCalibration");

async function open(records: CalibrationRecord[] = []): Promise<jest.Mock> {
  mockDropped.mockReset();
  present.mockResolvedValue(succeed(records));
  await beginSession(SESSION);
  const onClose = jest.fn();
  const pump = model("pump_forest", { name: "Pump" });
  show(<CalibrationSheet device={device("pump-07")} model={pump} leastSeconds={15} onClose={onClose} />);
  await screen.findByText(records.length > 0 ? /^Calibrated for this machine/ : /has no calibration of its own/);
  return onClose;
}

async function press(name: string | RegExp): Promise<void> {
  await act(async () => fireEvent.press(screen.getByRole("button", { name })));
}

async function pick(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await press("Choose a file");
}

test("five recordings are needed, and one that went wrong can be left out", async () => {
  calibrate.mockResolvedValue(succeed(MADE));
  await open();
  await pick(5);
  expect(screen.getByRole("button", { name: "Calibrate with 5 recordings" })).toBeEnabled();
  await press("Delete recording 2");
  expect(screen.getByText("1 more is needed.")).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "Calibrate with 4 recordings" })).toBeDisabled();
});

test("they are recorded for as long as the model needs", async () => {
  await open();
  expect(screen.getByRole("radio", { name: "10 s" })).toBeDisabled();
  expect(screen.getByRole("radio", { name: "20 s" })).toBeChecked();
  expect(screen.getByText("This model needs 15 s or more.")).toBeOnTheScreen();
});

test("what changes is shown, before and after, with what the server notes", async () => {
  calibrate.mockResolvedValue(succeed(MADE));
  await open();
  await pick(5);
  present.mockResolvedValue(succeed([RECORD]));
  await press("Calibrate with 5 recordings");
  expect(calibrate.mock.lastCall?.slice(0, 3)).toEqual(["pump-07", "pump_forest", Array(5).fill(CLIP)]);
  expect(await screen.findByTestId("effect-before")).toHaveTextContent(/from 3\.2.*10 normal, 6 warning, 2 critical/);
  expect(screen.getByTestId("effect-after")).toHaveTextContent(/from 4\.1.*17 normal, 0 warning, 1 critical/);
  expect(screen.getByText(/Fewer than ten recordings/)).toBeOnTheScreen();
  expect(await screen.findByText(/version 3.*from 5 recordings by engineer@plant\.example/)).toBeOnTheScreen();
});

test("recordings that the server refuses stay, to be mended", async () => {
  calibrate.mockResolvedValue(fail({ kind: "rejected", code: "inconsistent_clips", detail: "Clip 3 differs.", clip: 3 }));
  await open();
  await pick(5);
  await press("Calibrate with 5 recordings");
  expect(await screen.findByText(/^Recording 3: It sounds nothing like the others/)).toBeOnTheScreen();
  expect(screen.getAllByTestId("take")).toHaveLength(5);
});

test.each([
  ["inconsistent_clips", /^3번 녹음: 나머지 녹음과 전혀 다르게 들립니다/],
  ["silent", /^3번 녹음: 소리가 없는 녹음입니다/],
  ["duplicate_clip", /^3번 녹음: 앞의 녹음과 같은 소리입니다/],
  ["invalid", /^3번 녹음: 서버가 보낸 내용을 이해하지 못했습니다/],
])("a recording refused as %s is named in Korean, and taken out where it is told", async (code, words) => {
  calibrate.mockResolvedValue(fail({ kind: "rejected", code, detail: "Clip 3: in English.", clip: 3 }));
  await open();
  await pick(5);
  await press("Calibrate with 5 recordings");
  act(() => speak("ko"));
  expect(screen.getByText(words)).toBeOnTheScreen();
  expect(screen.queryByText(/English/)).toBeNull();
  const [, ...inTheNote] = screen.getAllByRole("button", { name: "3번 녹음 삭제" });
  expect(inTheNote).toHaveLength(1);
  await act(async () => inTheNote.forEach((each) => fireEvent.press(each)));
  expect(screen.getAllByTestId("take")).toHaveLength(4);
  expect(screen.queryByText(words)).toBeNull();
  act(() => speak("en"));
});

test("a refusal of them all is told in the words of its code", async () => {
  calibrate.mockResolvedValue(fail({ kind: "rejected", code: "not_calibrated", detail: "No thresholds." }));
  await open();
  await pick(5);
  await press("Calibrate with 5 recordings");
  expect(await screen.findByText(/^This model is not calibrated yet/)).toBeOnTheScreen();
});

test("undoing is asked for twice", async () => {
  undo.mockResolvedValue(succeed({ ...RECORD, id: 8, thresholds: null }));
  await open([RECORD]);
  await press("Undo this calibration");
  expect(undo).not.toHaveBeenCalled();
  present.mockResolvedValue(succeed([{ ...RECORD, id: 8, thresholds: null }, RECORD]));
  await press("Undo this calibration");
  expect(undo).toHaveBeenCalledWith("pump-07", 7);
  expect(await screen.findByText(/has no calibration of its own/)).toBeOnTheScreen();
});

test("recordings are not lost by closing, unless one means it", async () => {
  const onClose = await open();
  await pick(1);
  await press("Close");
  expect(onClose).not.toHaveBeenCalled();
  expect(screen.getByText("1 recording has not been used yet and would be lost.")).toBeOnTheScreen();
  await press("Close and forget them");
  expect(onClose).toHaveBeenCalledTimes(1);
  screen.unmount();
  expect(mockDropped).toHaveBeenCalledTimes(1);
});
