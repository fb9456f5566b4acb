import { fireEvent, screen } from "@testing-library/react-native";

import { HistoryScreen } from "../src/screens/HistoryScreen";
import { type Analysis, AnalysisService } from "../src/services/analysisService";
import { succeed } from "../src/services/problem";
import { beginSession } from "../src/services/session";
import { SESSION, analysis, device, model } from "./examples";
import { show } from "./renderInApp";

const OF_THE_PUMP = [analysis("NORMAL"), analysis("CRITICAL")];
const OF_THE_FAN = analysis("WARNING", { device_id: "fan-02" });

async function open(analyses: Analysis[]): Promise<jest.SpyInstance> {
  await beginSession(SESSION);
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed([device("pump-07", { name: "Cooling water pump 7" })]));
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed([model("pump_forest", { name: "Pump" })]));
  const history = jest.spyOn(AnalysisService, "getHistory").mockResolvedValue(succeed({ analyses, next: null }));
  show(<HistoryScreen onOpen={jest.fn()} />);
  await screen.findAllByText("Cooling water pump 7");
  await screen.findByText("Health over time");
  return history;
}

test("machines and models go by their names", async () => {
  await open(OF_THE_PUMP);
  expect(screen.getByLabelText(/^Critical, Cooling water pump 7, /)).toBeOnTheScreen();
  expect(await screen.findAllByText("Pump")).toHaveLength(3); // two rows, and the trend
});

test("each model of a machine has a line of its own", async () => {
  const ofAnother = analysis("WARNING", { id: "another", health_score: 48, model: { id: "old", version: 1, sha256: "" } });
  const first = { ...OF_THE_PUMP[0], id: "first", health_score: 90 } as Analysis;
  await open([ofAnother, ...OF_THE_PUMP, { ...ofAnother, id: "before" }, first]);
  expect(screen.getByLabelText("Pump: health of the last 3 recordings, newest 55 of 100.")).toBeOnTheScreen();
  expect(screen.getByLabelText("old: health of the last 2 recordings, newest 48 of 100.")).toBeOnTheScreen();
  expect(screen.getAllByTestId("trend")).toHaveLength(2);
});

test("one machine's health makes a trend, several machines' none", async () => {
  await open(OF_THE_PUMP);
  expect(screen.getByTestId("trend")).toBeOnTheScreen();
  screen.unmount();

  const history = await open([...OF_THE_PUMP, OF_THE_FAN]);
  expect(screen.queryByTestId("trend")).toBeNull();
  expect(screen.getByText("Choose a machine to see how its health develops.")).toBeOnTheScreen();
  history.mockResolvedValue(succeed({ analyses: OF_THE_PUMP, next: null }));
  fireEvent.press(screen.getByRole("radio", { name: "Cooling water pump 7" }));
  expect(await screen.findByTestId("trend")).toBeOnTheScreen();
  expect(history.mock.lastCall?.[0]).toBe("pump-07");
});
