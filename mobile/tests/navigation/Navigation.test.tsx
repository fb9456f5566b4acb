import { act, fireEvent, screen } from "@testing-library/react-native";

import { getResultAddress } from "../../src/navigation/addresses";
import { AnalysisService } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { SESSION, analysis, device, model } from "../support/examples";
import { openApp } from "../support/renderInApp";

beforeEach(async () => {
  await beginSession(SESSION);
  jest.spyOn(AnalysisService, "getAnalysis").mockResolvedValue(succeed(analysis("WARNING")));
  jest.spyOn(AnalysisService, "getRecording").mockResolvedValue(fail(OFFLINE));
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed([device("pump-07")]));
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed([model("a")]));
  const history = { analyses: [analysis("CRITICAL")], next: null };
  jest.spyOn(AnalysisService, "getHistory").mockResolvedValue(succeed(history));
  jest.spyOn(AnalysisService, "getMe").mockResolvedValue(fail(OFFLINE));
  jest.spyOn(AnalysisService, "getCapabilities").mockResolvedValue(fail(OFFLINE));
});

async function press(name: string | RegExp): Promise<void> {
  await act(async () => fireEvent.press(screen.getByRole("button", { name })));
}

test.each([
  ["", "Record"],
  ["history", "Health over time"],
  ["settings", "Language"],
  ["machine", "No machine"],
  ["model", "Model a"],
  ["model/suggestion", /^Record the machine while it is healthy/],
  ["help", "How to record"],
  ["no/such/screen", /^This address shows nothing/],
])("the address %p shows its screen", async (address, text) => {
  await openApp(address);
  expect((await screen.findAllByText(text)).length).toBeGreaterThan(0);
});

test("a result opened by its address leads back to the first screen", async () => {
  await openApp("results/analysis-WARNING");
  expect(await screen.findByRole("heading", { name: "Warning" })).toBeOnTheScreen();
  await press("Back");
  expect(screen.getByRole("button", { name: "Record" })).toBeOnTheScreen();
  expect(screen.queryByRole("heading", { name: "Warning" })).toBeNull();
});

test("a result opened from the history leads back there", async () => {
  await openApp("history");
  fireEvent.press(await screen.findByTestId("history-row"));
  expect(await screen.findByRole("heading", { name: "Warning" })).toBeOnTheScreen();
  await press("Back");
  expect(screen.getByTestId("history-row")).toBeOnTheScreen();
});

test("choosing a machine and a model leads back to recording", async () => {
  await openApp("");
  await press(/^Machine: /);
  fireEvent.press(await screen.findByTestId("device-pump-07"));
  await press(/^Model: /);
  fireEvent.press(await screen.findByTestId("model-a"));
  expect(screen.getByRole("button", { name: "Machine: pump-07" })).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "Model: Model a" })).toBeOnTheScreen();
});

test("the address of a result names the server that has it", () => {
  expect(getResultAddress("https://plant.example", "0b7e")).toBe(
    "https://plant.example/app/results/0b7e",
  );
});
