import { fireEvent, screen } from "@testing-library/react-native";

import { HistoryScreen } from "../../src/history/HistoryScreen";
import { type Analysis, AnalysisService } from "../../src/services/server/analysisService";
import { succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { SESSION, analysis, device, model } from "../support/examples";
import { renderInApp } from "../support/renderInApp";

const PUMP_ANALYSES = [analysis("NORMAL"), analysis("CRITICAL")];
const FAN_ANALYSIS = analysis("WARNING", { device_id: "fan-02" });

async function open(analyses: Analysis[]): Promise<jest.SpyInstance> {
  await beginSession(SESSION);
  const pump = device("pump-07", { name: "Cooling water pump 7" });
  const pumpModel = model("pump_forest", { name: "Pump" });
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed([pump]));
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed([pumpModel]));
  const history = jest.spyOn(AnalysisService, "getHistory");
  history.mockResolvedValue(succeed({ analyses, next: null }));
  renderInApp(<HistoryScreen />);
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
  expect(history.mock.lastCall?.[0]).toBe("pump-07");
});
