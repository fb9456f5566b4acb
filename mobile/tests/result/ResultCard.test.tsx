import { act, fireEvent, screen, waitFor } from "@testing-library/react-native";
import { Dimensions, PixelRatio } from "react-native";

import { ResultCard } from "../../src/result/ResultCard";
import { type Analysis, AnalysisService } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { SESSION, analysis, device, model } from "../support/examples";
import { renderInApp } from "../support/renderInApp";

async function open(result: Analysis): Promise<void> {
  jest.spyOn(AnalysisService, "getSpectrogram").mockResolvedValue(fail(OFFLINE));
  jest.spyOn(AnalysisService, "getRecording").mockResolvedValue(fail(OFFLINE));
  await beginSession(SESSION);
  renderInApp(<ResultCard analysis={result} />);
  fireEvent.press(screen.getByRole("button", { name: "Details" }));
  await screen.findAllByText(/The server cannot be reached/); // neither picture nor sound loaded
}

test.each([
  ["NORMAL", "Normal"],
  ["WARNING", "Warning"],
  ["CRITICAL", "Critical"],
] as const)("%s is shown as a heading", async (label, word) => {
  await open(analysis(label));
  expect(screen.getByRole("heading", { name: word })).toBeOnTheScreen();
  expect(screen.getByText(`What was found in a ${label} analysis.`)).toBeOnTheScreen();
});

test("the score and its thresholds are readable by screen readers", async () => {
  await open(analysis("WARNING"));
  const label = "Anomaly score 3.48. Warning from 3.2, critical from 4.9.";
  expect(screen.getByLabelText(label)).toBeOnTheScreen();
});

test("a model without a threshold for critical shows none", async () => {
  await open(analysis("WARNING", { thresholds: { warning: 3.2, critical: null } }));
  expect(screen.getByLabelText("Anomaly score 3.48. Warning from 3.2.")).toBeOnTheScreen();
  expect(screen.queryByText(/Critical from/)).toBeNull();
});

test("segments, bands, quality, model and version are shown", async () => {
  await open(analysis("WARNING"));
  expect(screen.getByLabelText("Time line. Unusual moments: 2.1–3.4 s.")).toBeOnTheScreen();
  expect(screen.getByText("1.2 kHz–1.6 kHz: 8.2 dB louder than normal")).toBeOnTheScreen();
  expect(screen.getByText("Very quiet: hold the phone closer.")).toBeOnTheScreen();
  expect(screen.getByText("Message from the server: a_future_warning")).toBeOnTheScreen();
  expect(screen.getByText("pump_forest, version 3")).toBeOnTheScreen();
});

type Screen = { scale: number; fontScale?: number };

function setScreen({ scale, fontScale = 1 }: Screen): void {
  jest.spyOn(Dimensions, "get").mockReturnValue({ width: 390, height: 844, scale, fontScale });
  jest.spyOn(PixelRatio, "get").mockReturnValue(scale);
}

type SpectrogramSpy = jest.SpiedFunction<typeof AnalysisService.getSpectrogram>;

async function layOutAt(...widths: number[]): Promise<SpectrogramSpy> {
  await open(analysis("WARNING"));
  const request = jest.spyOn(AnalysisService, "getSpectrogram").mockResolvedValue(fail(OFFLINE));
  request.mockClear();
  for (const width of widths) {
    const layout = { nativeEvent: { layout: { width, height: 0 } } };
    const frame = screen.getByTestId("spectrogram-frame");
    await act(async () => fireEvent(frame, "layout", layout));
    const problems = (): unknown[] => screen.getAllByText(/The server cannot be reached/);
    await waitFor(() => expect(problems()).toHaveLength(2));
  }
  return request;
}

test.each([
  [1, 320], // the available width
  [2, 624], // wider than available: it scrolls
])("the text of the spectrogram scales with the font scale %d", async (fontScale, points) => {
  setScreen({ scale: 2, fontScale });
  const request = await layOutAt(324);
  const width = 2 * points;
  const size = { width, height: Math.round(width * 0.72), em: 26 * fontScale };
  expect(request).toHaveBeenCalledWith("analysis-WARNING", size);
});

test.each([
  [0.8, 320, { width: 333, height: 240, em: 14 }], // the server's minimum size
  [0.8, 640, { width: 542, height: 390, em: 11 }], // the server's minimum font size
  [0.5, 2000, { width: 1692, height: 1218, em: 11 }],
  [1, 320, { width: 333, height: 240, em: 14 }],
  [1, 640, { width: 640, height: 461, em: 13 }],
  [2, 320, { width: 640, height: 461, em: 26 }],
  [4, 320, { width: 1280, height: 922, em: 52 }],
  [4, 640, { width: 1920, height: 1382, em: 39 }], // the server's maximum size
  [1, 4000, { width: 1920, height: 1382, em: 11 }],
])("at %d pixels per point and %d points the server can draw it", async (scale, width, size) => {
  setScreen({ scale });
  expect(await layOutAt(width)).toHaveBeenCalledWith("analysis-WARNING", size);
});

test("resizing a window loads a new picture only where it makes a difference", async () => {
  setScreen({ scale: 2 });
  const request = await layOutAt(400, 401, 407, 415, 416);
  expect(request.mock.calls.map(([, { width }]) => width)).toEqual([800, 832]);
});

test("a model that cannot locate deviations does not claim that there are none", async () => {
  const { explanation, quality } = analysis("WARNING");
  const curve = { start_s: 0, step_s: 0.032, ...explanation.curve, values: [] };
  const changes = {
    explanation: { ...explanation, curve, segments: [], bands: [] },
    quality: { ...quality, warnings: ["unexplained"] },
  };
  await open(analysis("WARNING", changes));
  const unexplained = screen.getAllByText(/^This model cannot tell when or at which frequencies/);
  expect(unexplained).toHaveLength(3); // the banner, moments and bands
  expect(screen.queryByText(/is unusual\.$/)).toBeNull();
});

test("deviating feature groups are listed, known ones by their texts", async () => {
  const traits = [
    { name: "envelope", deviations: 6.42 },
    { name: "a_future_group", deviations: 3.1 },
  ];
  const { explanation } = analysis("CRITICAL");
  await open(analysis("CRITICAL", { explanation: { ...explanation, traits } }));
  const knocking = "Fast, regular knocking, like that of a bearing or gear: 6.4";
  expect(screen.getByText(knocking)).toBeOnTheScreen();
  expect(screen.getByText("a_future_group: 3.1")).toBeOnTheScreen();
});

test("without feature groups the card is hidden", async () => {
  await open(analysis("CRITICAL"));
  expect(screen.queryByTestId("contributions")).toBeNull();
});

test("the ends of short segments and narrow bands are shown distinctly", async () => {
  const explanation = analysis("WARNING").explanation;
  const segments = [{ start_s: 2.21, end_s: 2.24, p_value: 0.02 }];
  const bands = [{ low_hz: 1062, high_hz: 1125, excess_db: -1.6 }];
  await open(analysis("WARNING", { explanation: { ...explanation, segments, bands } }));
  expect(screen.getByLabelText("Time line. Unusual moments: 2.21–2.24 s.")).toBeOnTheScreen();
  expect(screen.getByText("1.06 kHz–1.13 kHz: 1.6 dB quieter than normal")).toBeOnTheScreen();
});

const SAVED_AT = "2026-08-01T00:31:00Z";

async function giveFeedback(): Promise<jest.SpyInstance> {
  const set = jest.spyOn(AnalysisService, "setFeedback");
  set.mockImplementation(async (_id, { verdict, fault_code = "", comment = "" }) =>
    succeed({ verdict, fault_code, comment, created_at: SAVED_AT, updated_at: SAVED_AT }),
  );
  fireEvent.press(screen.getByRole("radio", { name: "Machine is faulty" }));
  fireEvent.press(screen.getByRole("radio", { name: "Bearing" }));
  fireEvent.changeText(screen.getByLabelText("Comment"), "Outer race");
  fireEvent.press(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/^Saved/)).toBeOnTheScreen();
  return set;
}

test("feedback names the fault, and changed after saving it is not shown as saved", async () => {
  await open(analysis("WARNING"));
  const set = await giveFeedback();
  const saved = { verdict: "TRUE_POSITIVE", fault_code: "bearing", comment: "Outer race" };
  expect(set).toHaveBeenCalledWith("analysis-WARNING", saved);
  fireEvent.press(screen.getByRole("radio", { name: "Machine is healthy" }));
  await waitFor(() => expect(screen.queryByText(/^Saved/)).toBeNull());
});

test("earlier feedback is shown as saved, with a fault that another client gave", async () => {
  const feedback = {
    verdict: "TRUE_POSITIVE",
    fault_code: "F-117",
    comment: "",
    created_at: SAVED_AT,
    updated_at: SAVED_AT,
  } as const;
  await open(analysis("CRITICAL", { id: "judged", feedback }));
  expect(screen.getByText(/^Saved, .*2026/)).toBeOnTheScreen();
  expect(screen.getByRole("radio", { name: "F-117" })).toBeChecked();
});

test("half-typed feedback is there again", async () => {
  await open(analysis("WARNING", { id: "half" }));
  fireEvent.press(screen.getByRole("radio", { name: "Machine is faulty" }));
  fireEvent.changeText(screen.getByLabelText("Comment"), "Outer r");
  screen.unmount();
  await open(analysis("WARNING", { id: "half" }));
  expect(screen.getByLabelText("Comment")).toHaveDisplayValue("Outer r");
  expect(screen.queryByText(/^Saved/)).toBeNull();
});

test("the verdict is one sentence, what stands out, and the health beside the label", async () => {
  await open(analysis("WARNING"));
  const sentence = "The machine sounds different from usual\\.";
  const words = new RegExp(`^WarningHealth 55${sentence}What stands out: 1\\.2`);
  expect(screen.getByTestId("verdict")).toHaveTextContent(words);
});

test("details are folded until one asks for them", async () => {
  await beginSession(SESSION);
  renderInApp(<ResultCard analysis={analysis("NORMAL")} />);
  expect(screen.queryByText("p-value")).toBeNull();
  expect(screen.queryByTestId("difference")).toBeNull();
});

test("a knock beside a machine that sounds normal asks for nothing", async () => {
  const { quality } = analysis("NORMAL");
  const knock = { ...quality, warnings: ["transient"] };
  await open(analysis("NORMAL", { quality: knock }));
  expect(screen.queryByText(/record again/)).toBeNull();
  screen.unmount();
  await open(analysis("WARNING", { quality: knock }));
  expect(screen.getByText(/The unusual sound is brief.*record again/)).toBeOnTheScreen();
});

test("machine and model are shown by name, and a colleague as well", async () => {
  const models = [model("pump_forest", { name: "Pump, forest" })];
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(succeed(models));
  const devices = [device("pump-07", { name: "Cooling water pump 7" })];
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed(devices));
  await open(analysis("WARNING", { is_own: false, recorded_by: "Kim Minji" }));
  expect(await screen.findByText("Pump, forest, version 3")).toBeOnTheScreen();
  expect(screen.getByText("Cooling water pump 7")).toBeOnTheScreen();
  expect(screen.getByText("Kim Minji")).toBeOnTheScreen();
});

test("the smallest p-value is not claimed to be exact", async () => {
  await open(analysis("CRITICAL", { p_value: 0.0001 }));
  expect(screen.getByText("0.0001 or less")).toBeOnTheScreen();
});

test("an extrapolated limit says how many recordings it is based on", async () => {
  const notes = ["extrapolated"];
  const calibration = { id: null, method: "conformal", n: 48, n_groups: null, notes };
  await open(analysis("NORMAL", { calibration }));
  expect(screen.getByText(/is an estimate: only 48 healthy recordings/)).toBeOnTheScreen();
});

test("the question for feedback is a plain sentence", async () => {
  await open(analysis("NORMAL"));
  expect(screen.getByRole("heading", { name: "Was this verdict right?" })).toBeOnTheScreen();
});
