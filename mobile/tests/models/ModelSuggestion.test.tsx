import { act, fireEvent, screen } from "@testing-library/react-native";

import { ModelSuggestion } from "../../src/models/ModelSuggestion";
import {
  AnalysisService,
  type Match,
  type Matches,
} from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { CLIP, SESSION, model } from "../support/examples";
import { renderInApp } from "../support/renderInApp";

const mockPicked = CLIP;
jest.mock("../../src/services/files/pickClips", () => ({ pickClips: async () => [mockPicked] }));
const match = jest.spyOn(AnalysisService, "matchModels");

const RANKED: Matches = {
  matches: [
    rank("a", { p_value: 0.42, label: "NORMAL" }),
    rank("b", { p_value: 0.0012, label: "CRITICAL" }),
  ],
  unavailable: [],
  left_out: 0,
  suggestion: "a",
  is_none_of_these: false,
};

function rank(id: string, fields: Partial<Match>): Match {
  const asUsual = { p_value: 0.5, score: 0.5, anomaly_score: 0.5, warnings: [] };
  return { model: model(id), label: "NORMAL", ...asUsual, ...fields };
}

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

test("what may be another machine is marked, and is none of these where all are", async () => {
  const other: Partial<Match> = { warnings: ["maybe_other_machine"] };
  match.mockResolvedValueOnce(
    succeed({ ...RANKED, matches: [rank("a", {}), rank("b", other)], suggestion: "a" }),
  );
  open();
  await suggest();
  const options = await screen.findAllByTestId(/^match-/);
  expect(options[0]).not.toHaveTextContent(/another machine/);
  expect(options[1]).toHaveTextContent(/Model b.*May be another machine/);
  fireEvent.press(screen.getByRole("button", { name: "New recording" }));
  match.mockResolvedValueOnce(
    succeed({
      ...RANKED,
      matches: [rank("b", other)],
      suggestion: null,
      is_none_of_these: true,
    }),
  );
  await suggest();
  expect(await screen.findByText(/^None of these/)).toBeOnTheScreen();
});

test("without an answer the user can try again", async () => {
  match.mockResolvedValueOnce(fail(OFFLINE)).mockResolvedValueOnce(succeed(RANKED));
  open();
  await suggest();
  expect(await screen.findByText(/The server cannot be reached/)).toBeOnTheScreen();
  await suggest();
  expect(await screen.findByText("Best match")).toBeOnTheScreen();
});
