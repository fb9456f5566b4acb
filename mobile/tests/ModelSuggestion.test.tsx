import { act, fireEvent, screen, waitFor } from "@testing-library/react-native";

import { ModelSelector } from "../src/components/ModelSelector";
import { AnalysisService, type Matches } from "../src/services/analysisService";
import { OFFLINE, fail, succeed } from "../src/services/problem";
import { beginSession } from "../src/services/session";
import { CLIP, SESSION, model } from "./examples";
import { show } from "./renderInApp";

const mockPicked = CLIP;
jest.mock("../src/services/pickClip", () => ({ pickClip: async () => mockPicked }));
const match = jest.spyOn(AnalysisService, "matchModels");

const RANKED: Matches = {
  matches: [
    { model: model("a"), p_value: 0.42, score: 0.5, anomaly_score: 0.48, label: "NORMAL" },
    { model: model("b"), p_value: 0.0012, score: 0.5, anomaly_score: 0.6, label: "CRITICAL" },
  ],
  unavailable: [], left_out: 0, suggestion: "a",
};

async function open({ canMatch }: { canMatch: boolean }): Promise<jest.Mock> {
  jest.spyOn(AnalysisService, "getCapabilities").mockResolvedValue(succeed({ canMatch }));
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed([model("a"), model("b")]));
  await beginSession(SESSION);
  const onSelect = jest.fn();
  show(<ModelSelector deviceType={null} selectedId={null} onSelect={onSelect} onClose={jest.fn()} />);
  await screen.findByText("Model a");
  return onSelect;
}

async function suggest(): Promise<void> {
  fireEvent.press(await screen.findByRole("button", { name: "Suggest one by listening" }));
  await act(async () => fireEvent.press(screen.getByRole("button", { name: "Choose a file" })));
}

test("a server that cannot match is not asked to", async () => {
  await open({ canMatch: false });
  expect(screen.queryByText("Suggest one by listening")).toBeNull();
});

test("models are ranked, and the one that fits is named", async () => {
  match.mockResolvedValue(succeed(RANKED));
  const onSelect = await open({ canMatch: true });
  await suggest();
  const options = await screen.findAllByTestId(/^match-/);
  expect(options[0]).toHaveTextContent(/Model a.*42 %.*Sounds like this one/);
  expect(options[1]).toHaveTextContent(/Model b.*0\.12 %/);
  fireEvent.press(screen.getByText("Model a"));
  expect(onSelect).toHaveBeenCalledWith(expect.objectContaining({ id: "a" }));
});

test("that none fits is said", async () => {
  match.mockResolvedValue(succeed({ ...RANKED, unavailable: [], left_out: 0, suggestion: null }));
  await open({ canMatch: true });
  await suggest();
  expect(await screen.findByText(/None of the models knows this sound/)).toBeOnTheScreen();
  expect(screen.queryByText("Sounds like this one")).toBeNull();
});

test("without an answer one can try again, or take the list", async () => {
  match.mockResolvedValue(fail(OFFLINE));
  await open({ canMatch: true });
  await suggest();
  expect(await screen.findByText(/The server cannot be reached/)).toBeOnTheScreen();
  fireEvent.press(screen.getByRole("button", { name: "All models" }));
  await waitFor(() => expect(screen.getByText("Choose a model")).toBeOnTheScreen());
});
