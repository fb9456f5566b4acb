import { act, fireEvent, screen } from "@testing-library/react-native";

import { copyLink } from "../../src/services/page/link";
import { type Analysis, AnalysisService } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { SESSION, analysis } from "../support/examples";
import { openApp } from "../support/renderInApp";

jest.mock("../../src/services/page/link", () => ({
  canShare: () => true,
  copyLink: jest.fn(async () => undefined),
  shareLink: jest.fn(async () => undefined),
}));

const getAnalysis = jest.spyOn(AnalysisService, "getAnalysis");

beforeEach(async () => {
  await beginSession(SESSION);
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(fail(OFFLINE));
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(fail(OFFLINE));
});

test("a result that one may not read is named", async () => {
  getAnalysis.mockResolvedValue(fail({ kind: "rejected", code: "not_found", detail: "" }));
  await openApp("results/someone-elses");
  expect(await screen.findByText(/your account may not see it/)).toBeOnTheScreen();
});

test("without the server a result of the history is shown, and the app says so", async () => {
  getAnalysis.mockResolvedValue(fail(OFFLINE));
  const history = { analyses: [analysis("CRITICAL")], next: null };
  jest.spyOn(AnalysisService, "getHistory").mockResolvedValue(succeed(history));
  await openApp("history");
  fireEvent.press(await screen.findByTestId("history-row"));
  expect(await screen.findByRole("heading", { name: "Critical" })).toBeOnTheScreen();
  expect(await screen.findByText(/The server cannot be reached\./)).toBeOnTheScreen();
});

test("the link is copied", async () => {
  getAnalysis.mockResolvedValue(succeed(analysis("NORMAL")));
  await openApp("results/analysis-NORMAL");
  const copy = await screen.findByRole("button", { name: "Copy the link" });
  await act(async () => fireEvent.press(copy));
  expect(copyLink).toHaveBeenCalledWith(`${SESSION.server}/app/results/analysis-NORMAL`);
  expect(screen.getByRole("button", { name: "Copied" })).toBeOnTheScreen();
});

function withWarnings(...warnings: string[]): Analysis {
  const result = analysis("CRITICAL");
  return { ...result, quality: { ...result.quality, warnings } };
}

const SUGGEST = "Suggest a model by sound";

test.each(["not_this_machine", "maybe_other_machine"])(
  "beside %s a model can be suggested by listening",
  async (warning) => {
    getAnalysis.mockResolvedValue(succeed(withWarnings(warning)));
    await openApp("results/analysis-CRITICAL");
    fireEvent.press(await screen.findByRole("button", { name: SUGGEST }));
    expect(await screen.findByText(/^Record the machine while it is healthy/)).toBeOnTheScreen();
  },
);

test("of two doubts about the machine the stronger is shown, with one button", async () => {
  getAnalysis.mockResolvedValue(succeed(withWarnings("maybe_other_machine", "not_this_machine")));
  await openApp("results/analysis-CRITICAL");
  expect(await screen.findByText(/not sound like this machine at all/)).toBeOnTheScreen();
  expect(screen.queryByText(/This may be another machine/)).toBeNull();
  expect(screen.getAllByRole("button", { name: SUGGEST })).toHaveLength(1);
});

test("a verdict without such a doubt suggests no other model", async () => {
  getAnalysis.mockResolvedValue(succeed(withWarnings("clipped")));
  await openApp("results/analysis-CRITICAL");
  expect(await screen.findByText(/Too loud/)).toBeOnTheScreen();
  expect(screen.queryByRole("button", { name: SUGGEST })).toBeNull();
});
