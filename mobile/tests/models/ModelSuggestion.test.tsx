import { act, fireEvent, screen } from "@testing-library/react-native";

import { ModelSuggestion } from "../../src/models/ModelSuggestion";
import { AnalysisService, type Matches } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { CLIP, SESSION, model } from "../support/examples";
import { renderInApp } from "../support/renderInApp";

const mockPicked = CLIP;
jest.mock("../../src/services/files/pickClips", () => ({ pickClips: async () => [mockPicked] }));
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

function open(): jest.Mock {
  const onSelect = jest.fn();
  renderInApp(<ModelSuggestion selectedId={null} onSelect={onSelect} />);
  return onSelect;
}

async function suggest(): Promise<void> {
  await act(async () => fireEvent.press(screen.getByRole("button", { name: "Choose a file" })));
}

beforeEach(() => beginSession(SESSION));

test("models are ranked, and the best match is marked", async () => {
  match.mockResolvedValue(succeed(RANKED));
  const onSelect = open();
  await suggest();
  const options = await screen.findAllByTestId(/^match-/);
  expect(options[0]).toHaveTextContent(/Model a.*42 %.*Best match/);
  expect(options[1]).toHaveTextContent(/Model b.*0\.12 %/);
  fireEvent.press(screen.getByText("Model a"));
  expect(onSelect).toHaveBeenCalledWith(expect.objectContaining({ id: "a" }));
});

test("a warning is shown when no model matches", async () => {
  match.mockResolvedValue(succeed({ ...RANKED, suggestion: null }));
  open();
  await suggest();
  expect(await screen.findByText(/No model matches this sound/)).toBeOnTheScreen();
  expect(screen.queryByText("Best match")).toBeNull();
});

test("without an answer the user can try again", async () => {
  match.mockResolvedValueOnce(fail(OFFLINE)).mockResolvedValueOnce(succeed(RANKED));
  open();
  await suggest();
  expect(await screen.findByText(/The server cannot be reached/)).toBeOnTheScreen();
  await suggest();
  expect(await screen.findByText("Best match")).toBeOnTheScreen();
});
