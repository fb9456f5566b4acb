import { act, fireEvent, screen, waitFor } from "@testing-library/react-native";
import { Dimensions, PixelRatio } from "react-native";

import { ResultCard } from "../src/components/ResultCard";
import { type Analysis, AnalysisService } from "../src/services/analysisService";
import { OFFLINE, fail, succeed } from "../src/services/problem";
import { analysis } from "./examples";
import { show } from "./renderInApp";

async function open(result: Analysis): Promise<void> {
  jest.spyOn(AnalysisService, "getSpectrogram").mockResolvedValue(fail(OFFLINE));
  jest.spyOn(AnalysisService, "getRecording").mockResolvedValue(fail(OFFLINE));
  show(<ResultCard analysis={result} />);
  await screen.findAllByText(/The server cannot be reached/); // picture and sound could not be had, and that is told
}

test.each([
  ["NORMAL", "Normal"],
  ["WARNING", "Warning"],
  ["CRITICAL", "Critical"],
] as const)("%s is said in words, as a heading", async (label, word) => {
  await open(analysis(label));
  expect(screen.getByRole("heading", { name: word })).toBeOnTheScreen();
  expect(screen.getByText(`What was found in a ${label} analysis.`)).toBeOnTheScreen();
});

test("the score is told beside its thresholds, also to those who do not see the scale", async () => {
  await open(analysis("WARNING"));
  expect(screen.getByLabelText("Anomaly score 3.48. Warning from 3.2, critical from 4.9.")).toBeOnTheScreen();
});

test("a model without a threshold for critical shows none", async () => {
  await open(analysis("WARNING", { thresholds: { warning: 3.2, critical: null } }));
  expect(screen.getByLabelText("Anomaly score 3.48. Warning from 3.2.")).toBeOnTheScreen();
  expect(screen.queryByText(/Critical from/)).toBeNull();
});

test("moments, bands, quality, model and version are there", async () => {
  await open(analysis("WARNING"));
  expect(screen.getByLabelText("Time line. Moments that stand out: 2.1–3.4 s.")).toBeOnTheScreen();
  expect(screen.getByText("1.2 kHz–1.6 kHz: 8.2 dB more than normal")).toBeOnTheScreen();
  expect(screen.getByText("Very quiet: hold the phone closer.")).toBeOnTheScreen();
  expect(screen.getByText("The server notes: a_warning_of_tomorrow")).toBeOnTheScreen();
  expect(screen.getByText("pump_forest, version 3")).toBeOnTheScreen();
});

type Screen = { scale: number; fontScale?: number };

function look({ scale, fontScale = 1 }: Screen): void {
  jest.spyOn(Dimensions, "get").mockReturnValue({ width: 390, height: 844, scale, fontScale });
  jest.spyOn(PixelRatio, "get").mockReturnValue(scale);
}

type Asking = jest.SpiedFunction<typeof AnalysisService.getSpectrogram>;

async function layOut(...rooms: number[]): Promise<Asking> {
  await open(analysis("WARNING"));
  const asked = jest.spyOn(AnalysisService, "getSpectrogram").mockResolvedValue(fail(OFFLINE));
  asked.mockClear();
  for (const width of rooms) {
    const layout = { nativeEvent: { layout: { width, height: 0 } } };
    await act(async () => fireEvent(screen.getByTestId("spectrogram-frame"), "layout", layout));
    await waitFor(() => expect(screen.getAllByText(/The server cannot be reached/)).toHaveLength(2));
  }
  return asked;
}

test.each([
  [1, 320], // as wide as there is room for
  [2, 624], // wider than that: it scrolls
])("letters of the spectrogram grow with those of the phone, %d times", async (fontScale, points) => {
  look({ scale: 2, fontScale });
  const asked = await layOut(324);
  const width = 2 * points;
  expect(asked).toHaveBeenCalledWith("analysis-WARNING", { width, height: Math.round(width * 0.72), em: 26 * fontScale });
});

test.each([
  [0.8, 320, { width: 333, height: 240, em: 14 }], // fewer pixels than the server draws
  [0.8, 640, { width: 542, height: 390, em: 11 }], // letters that it would not write
  [0.5, 2000, { width: 1692, height: 1218, em: 11 }],
  [1, 320, { width: 333, height: 240, em: 14 }],
  [1, 640, { width: 640, height: 461, em: 13 }],
  [2, 320, { width: 640, height: 461, em: 26 }],
  [4, 320, { width: 1280, height: 922, em: 52 }],
  [4, 640, { width: 1920, height: 1382, em: 39 }], // more than it draws
  [1, 4000, { width: 1920, height: 1382, em: 11 }],
])("at %d pixels for a point and %d points of room the server draws the spectrogram", async (scale, room, size) => {
  look({ scale });
  expect(await layOut(room)).toHaveBeenCalledWith("analysis-WARNING", size);
});

test("a window that is resized asks for a new picture only where it shows", async () => {
  look({ scale: 2 });
  const asked = await layOut(400, 401, 407, 415, 416);
  expect(asked.mock.calls.map(([, { width }]) => width)).toEqual([800, 832]);
});

test("a model that cannot tell where does not seem to have found nothing", async () => {
  const { explanation, quality } = analysis("WARNING");
  const nowhere = { ...explanation, curve: { ...explanation.curve, values: [] }, segments: [], bands: [] };
  await open(analysis("WARNING", { explanation: nowhere, quality: { ...quality, warnings: ["unexplained"] } }));
  expect(screen.getAllByText(/^This model cannot tell when or at which frequencies/)).toHaveLength(3);
  expect(screen.queryByText(/stands out\.$/)).toBeNull();
});

test("the kinds of sound that stand out are told, known ones in words", async () => {
  const traits = [{ name: "envelope", deviations: 6.42 }, { name: "a_kind_of_tomorrow", deviations: 3.1 }];
  await open(analysis("CRITICAL", { explanation: { ...analysis("CRITICAL").explanation, traits } }));
  expect(screen.getByText("Fast regular knocking, as of a bearing or gear: 6.4")).toBeOnTheScreen();
  expect(screen.getByText("a_kind_of_tomorrow: 3.1")).toBeOnTheScreen();
});

test("a model that tells no kinds of sound shows none", async () => {
  await open(analysis("CRITICAL"));
  expect(screen.queryByTestId("traits")).toBeNull();
});

test("the ends of what is short or narrow are told apart", async () => {
  const explanation = analysis("WARNING").explanation;
  const segments = [{ start_s: 2.21, end_s: 2.24 }];
  const bands = [{ low_hz: 1062, high_hz: 1125, excess_db: -1.6 }];
  await open(analysis("WARNING", { explanation: { ...explanation, segments, bands } }));
  expect(screen.getByLabelText("Time line. Moments that stand out: 2.21–2.24 s.")).toBeOnTheScreen();
  expect(screen.getByText("1.06 kHz–1.13 kHz: 1.6 dB less than normal")).toBeOnTheScreen();
});

test("what is changed after saving is not told to be saved", async () => {
  jest.spyOn(AnalysisService, "giveFeedback").mockImplementation(async (_id, feedback) =>
    succeed({ ...feedback, created_at: "2026-08-01T00:31:00Z", updated_at: "2026-08-01T00:31:00Z" }),
  );
  await open(analysis("WARNING"));
  fireEvent.press(screen.getByRole("radio", { name: "Machine is faulty" }));
  fireEvent.press(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/^Saved/)).toBeOnTheScreen();
  fireEvent.press(screen.getByRole("radio", { name: "Machine is healthy" }));
  await waitFor(() => expect(screen.queryByText(/^Saved/)).toBeNull());
});

test("the smallest p-value is not claimed to be exact", async () => {
  await open(analysis("CRITICAL", { p_value: 0.0001 }));
  expect(screen.getByText("0.0001 or less")).toBeOnTheScreen();
});
