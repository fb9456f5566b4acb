import { act, fireEvent, screen, waitFor } from "@testing-library/react-native";

import { queryClient } from "../../src/queries/query";
import { type Analysis, AnalysisService } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession, getOwner } from "../../src/services/server/session";
import { CAPABILITIES, SESSION, analysis, device, model } from "../support/examples";
import { openApp, reopenApp } from "../support/renderInApp";

const PUMP_ANALYSES = [analysis("NORMAL"), analysis("CRITICAL")];
const FAN_ANALYSIS = analysis("WARNING", { device_id: "fan-02" });

const NOW = "2026-08-01T00:31:00Z";

async function open(analyses: Analysis[], address = "history"): Promise<jest.SpyInstance> {
  await beginSession(SESSION);
  const last = { analysis_id: "", label: "NORMAL", health_score: 90, created_at: NOW } as const;
  const pump = device("pump-07", { name: "Cooling water pump 7", last_verdict: last });
  const idle = device("fan-09", { name: "Idle fan" });
  const pumpModel = model("pump_forest", { name: "Pump" });
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed([pump, idle]));
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed([pumpModel]));
  const history = jest.spyOn(AnalysisService, "getHistory");
  history.mockResolvedValue(succeed({ analyses, next: null }));
  jest.spyOn(AnalysisService, "getMe").mockResolvedValue(fail(OFFLINE));
  jest.spyOn(AnalysisService, "getCapabilities").mockResolvedValue(fail(OFFLINE));
  await openApp(address);
  await screen.findAllByText("Cooling water pump 7");
  await screen.findByText("Health over time");
  return history;
}

test("machines and models are shown by name", async () => {
  await open(PUMP_ANALYSES);
  expect(screen.getByLabelText(/^Critical, Cooling water pump 7, /)).toBeOnTheScreen();
  expect(await screen.findAllByText("Pump")).toHaveLength(3); // two rows, and the trend
});

test("each model of a machine has its own trend", async () => {
  const oldModel = { id: "old", version: 1, sha256: "" };
  const byOldModel = analysis("WARNING", { id: "second", health_score: 48, model: oldModel });
  const first = { ...PUMP_ANALYSES[0], id: "first", health_score: 90 } as Analysis;
  await open([byOldModel, ...PUMP_ANALYSES, { ...byOldModel, id: "before" }, first]);
  const pumpTrend = "Pump: health of the last 3 recordings, newest 55 of 100.";
  const oldTrend = "old: health of the last 2 recordings, newest 48 of 100.";
  expect(screen.getByLabelText(pumpTrend)).toBeOnTheScreen();
  expect(screen.getByLabelText(oldTrend)).toBeOnTheScreen();
  expect(screen.getAllByTestId("trend")).toHaveLength(2);
});

test("the trend is shown for one machine only", async () => {
  await open(PUMP_ANALYSES);
  expect(screen.getByTestId("trend")).toBeOnTheScreen();
  screen.unmount();

  const history = await open([...PUMP_ANALYSES, FAN_ANALYSIS]);
  expect(screen.queryByTestId("trend")).toBeNull();
  expect(screen.getByText("Choose a machine to see how its health develops.")).toBeOnTheScreen();
  history.mockResolvedValue(succeed({ analyses: PUMP_ANALYSES, next: null }));
  fireEvent.press(screen.getByRole("radio", { name: "Cooling water pump 7" }));
  expect(await screen.findByTestId("trend")).toBeOnTheScreen();
  expect(history.mock.lastCall?.[0]).toEqual({ deviceId: "pump-07", isMine: false });
});

test("only machines with recordings can be chosen", async () => {
  await open(PUMP_ANALYSES);
  expect(screen.getByRole("radio", { name: "Cooling water pump 7" })).toBeOnTheScreen();
  expect(screen.queryByRole("radio", { name: "Idle fan" })).toBeNull();
});

test("results are searched by machine, verdict and feedback", async () => {
  const feedback = {
    verdict: "TRUE_POSITIVE",
    fault_code: "bearing",
    comment: "Outer race",
    created_at: NOW,
    updated_at: NOW,
  } as const;
  await open([...PUMP_ANALYSES, analysis("WARNING", { device_id: "fan-02", feedback })]);
  const count = (text: string): number => {
    fireEvent.changeText(screen.getByLabelText("Search"), text);
    return screen.queryAllByTestId("history-row").length;
  };
  expect(["", "cooling", "critical pump", "outer", "FAN-02", "  "].map(count)).toEqual([
    3, 2, 1, 1, 1, 3,
  ]);
  expect(count("nothing like it")).toBe(0);
  expect(screen.getByText("No result holds these words.")).toBeOnTheScreen();
});

test("an address holds the machine, whose results, and the search", async () => {
  const history = await open(PUMP_ANALYSES, "history?machine=pump-07&whose=all&search=critical");
  expect(screen.getByLabelText("Search")).toHaveDisplayValue("critical");
  expect(screen.getAllByTestId("history-row")).toHaveLength(1);
  expect(screen.getByRole("radio", { name: "Cooling water pump 7" })).toBeChecked();
  expect(history.mock.lastCall?.[0]).toEqual({ deviceId: "pump-07", isMine: false });
});

test("an address that holds a search twice holds none", async () => {
  await open(PUMP_ANALYSES, "history?search=one&search=two&machine=a&machine=b");
  expect(screen.getByLabelText("Search")).toHaveDisplayValue("");
  expect(screen.getAllByTestId("history-row")).toHaveLength(2);
});

test("feedback is visible in the list", async () => {
  const content = { fault_code: "bearing", comment: "", created_at: NOW, updated_at: NOW };
  const feedback = { verdict: "TRUE_POSITIVE", ...content } as const;
  await open([analysis("CRITICAL", { feedback })]);
  expect(screen.getByText("Machine is faulty: Bearing")).toBeOnTheScreen();
});

test("colleagues' results are a choice where the server lets one read them", async () => {
  const history = await open([analysis("NORMAL", { is_own: false, recorded_by: "Kim Minji" })]);
  expect(screen.queryByRole("radio", { name: "Everybody's" })).toBeNull();
  expect(screen.getByText(/· Kim Minji$/)).toBeOnTheScreen();
  const told = { ...CAPABILITIES, includes_colleagues: true };
  act(() => void queryClient.setQueryData(["capabilities", getOwner(SESSION)], told));
  const everybodys = await screen.findByRole("radio", { name: "Everybody's" });
  expect(history.mock.lastCall?.[0]).toEqual({ deviceId: null, isMine: true });
  history.mockClear();
  fireEvent.press(everybodys);
  const all = { deviceId: null, isMine: false };
  await waitFor(() => expect(history.mock.lastCall?.[0]).toEqual(all));
});

test("without the server the last list is shown, and as of when", async () => {
  const history = await open(PUMP_ANALYSES);
  history.mockResolvedValue(fail(OFFLINE));
  screen.unmount();
  await reopenApp("history");
  expect(await screen.findByText(/cannot be reached\. This is what it sent on/)).toBeOnTheScreen();
  expect(screen.getAllByTestId("history-row")).toHaveLength(2);
});
