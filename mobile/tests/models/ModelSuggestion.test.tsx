import { act, fireEvent, screen, waitFor } from "@testing-library/react-native";

import { ModelSelector } from "../../src/models/ModelSelector";
import { AnalysisService, type Matches } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { CLIP, SESSION, model } from "../support/examples";
import { renderInApp } from "../support/renderInApp";

const mockPicked = CLIP;
jest.mock("../../src/services/files/pickClip", () => ({ pickClip: async () => mockPicked }));
const match = jest.spyOn(AnalysisService, "matchModels");

const RANKED: Matches = {
  matches: [
    { model: model("a"), p_value: 0.42, score: 0.5, anomaly_score: 0.48, label: "NORMAL" },
    { model: model("b"), p_value: 0.0012, score: 0.5, anomaly_score: 0.6, label: "CRITICAL" },
  ],
  unavailable: [],
  left_out: 0,
  suggestion: "a",
};

async function open({ canMatch }: { canMatch: boolean }): Promise<jest.Mock> {
  jest.spyOn(AnalysisService, "getCapabilities").mockResolvedValue(succeed({ canMatch }));
  const models = [model("a"), model("b")];
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed(models));
  await beginSession(SESSION);
  const onSelect = jest.fn();
  const props = { deviceType: null, selectedId: null, onSelect, onClose: jest.fn() };
  renderInApp(<ModelSelector {...props} />);
  await screen.findByText("Model a");
  return onSelect;
}

async function suggest(): Promise<void> {
  fireEvent.press(await screen.findByRole("button", { name: "Suggest a model by sound" }));
  await act(async () => fireEvent.press(screen.getByRole("button", { name: "Choose a file" })));
}

test("a server that cannot match models is not asked to", async () => {
  await open({ canMatch: false });
  expect(screen.queryByText("Suggest a model by sound")).toBeNull();
});

test("models are ranked, and the best match is marked", async () => {
  match.mockResolvedValue(succeed(RANKED));
  const onSelect = await open({ canMatch: true });
  await suggest();
  const options = await screen.findAllByTestId(/^match-/);
  expect(options[0]).toHaveTextContent(/Model a.*42 %.*Best match/);
  expect(options[1]).toHaveTextContent(/Model b.*0\.12 %/);
  fireEvent.press(screen.getByText("Model a"));
  expect(onSelect).toHaveBeenCalledWith(expect.objectContaining({ id: "a" }));
});

test("a warning is shown when no model matches", async () => {
  match.mockResolvedValue(succeed({ ...RANKED, suggestion: null }));
  await open({ canMatch: true });
  await suggest();
  expect(await screen.findByText(/No model matches this sound/)).toBeOnTheScreen();
  expect(screen.queryByText("Best match")).toBeNull();
});

test("without an answer the user can try again or open the list", async () => {
  match.mockResolvedValue(fail(OFFLINE));
  await open({ canMatch: true });
  await suggest();
  expect(await screen.findByText(/The server cannot be reached/)).toBeOnTheScreen();
  fireEvent.press(screen.getByRole("button", { name: "All models" }));
  await waitFor(() => expect(screen.getByText("Choose a model")).toBeOnTheScreen());
});
