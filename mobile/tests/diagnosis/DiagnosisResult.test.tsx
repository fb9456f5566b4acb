import { act, fireEvent, screen } from "@testing-library/react-native";

import { DiagnosisResult } from "../../src/diagnosis/DiagnosisResult";
import type { Diagnosis } from "../../src/diagnosis/useDiagnosis";
import { changeLanguage } from "../../src/i18n";
import {
  type Analysis,
  AnalysisService,
  type Label,
} from "../../src/services/server/analysisService";
import { succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { SESSION, analysis, outboxItem } from "../support/examples";
import { renderInApp } from "../support/renderInApp";

type Length = Pick<Diagnosis, "minSeconds" | "lengthSeconds">;
const DEFAULT: Length = { minSeconds: 0, lengthSeconds: 10 };
const confirm = jest.fn();
const record = jest.fn();

async function finish(labels: [...Label[], Label], length = DEFAULT): Promise<void> {
  const label = labels.at(-1) ?? "NORMAL";
  const result = analysis(label);
  jest.spyOn(AnalysisService, "getAnalysis").mockResolvedValue(succeed(result));
  const step = { kind: "done", analysis: result, seconds: 10, earlier: labels.slice(0, -1) };
  await show({ step, ...length });
}

async function show(part: object): Promise<void> {
  await beginSession(SESSION);
  const diagnosis = { confirm, record, reset: jest.fn(), ...part } as unknown as Diagnosis;
  renderInApp(<DiagnosisResult diagnosis={diagnosis} />);
  await act(async () => undefined);
}

afterEach(() => act(() => changeLanguage("en")));

test.each(["WARNING", "CRITICAL"] as const)("one %s asks for one more recording", async (label) => {
  await finish([label]);
  expect(screen.getByRole("button", { name: "Record again to confirm" })).toBeOnTheScreen();
  expect(screen.queryByText(/The summary of/)).toBeNull(); // it asks for it as well
  expect(screen.queryByText(/Confirmed/)).toBeNull();
});

test("one NORMAL asks for nothing", async () => {
  await finish(["NORMAL"]);
  expect(screen.queryByText(/[Rr]ecord (again|once more|a third)/)).toBeNull();
});

test("no second recording is requested when the app records for too short a time", async () => {
  await finish(["WARNING"], { minSeconds: 40, lengthSeconds: null });
  expect(screen.queryByRole("button", { name: "Record again to confirm" })).toBeNull();
  const hint = /needs 40 s or more, which is longer than the app records/;
  expect(screen.getByText(hint)).toBeOnTheScreen();
});

test.each([
  [["WARNING", "CRITICAL"], /^Confirmed: 2 of 2 .* stop the machine/, /^확인됨: .* 설비를 멈추고/],
  [["WARNING", "WARNING"], /^Confirmed: 2 of 2 .* inspected soon/, /^확인됨: .* 가까운 시일 안에/],
  [["WARNING", "NORMAL", "WARNING"], /^Confirmed: 2 of 3 /, /^확인됨: 녹음 3건 중 2건/],
  [["WARNING", "NORMAL", "NORMAL"], /^Not confirmed: two of three/, /^확인되지 않음: /],
] as [[...Label[], Label], RegExp, RegExp][])(
  "%p give a joint verdict",
  async (labels, english, korean) => {
    await finish(labels);
    expect(screen.getByText(english)).toBeOnTheScreen();
    expect(screen.queryByRole("button", { name: /Record again|third/ })).toBeNull();
    act(() => changeLanguage("ko"));
    expect(screen.getByText(korean)).toBeOnTheScreen();
  },
);

test("after a verdict the next recording is one tap", async () => {
  await finish(["NORMAL"]);
  fireEvent.press(screen.getByRole("button", { name: "New recording" }));
  expect(record).toHaveBeenCalledTimes(1);
});

test("after two contradicting results a third recording is one tap", async () => {
  await finish(["WARNING", "NORMAL"]);
  expect(screen.getByText(/^Not clear yet: one recording is normal/)).toBeOnTheScreen();
  fireEvent.press(screen.getByRole("button", { name: "Record a third time" }));
  const [[confirmed, earlier]] = confirm.mock.calls as [[Analysis, Label[]]];
  expect([...earlier, confirmed.label]).toEqual(["WARNING", "NORMAL"]);
});

test.each([
  ["the model needs half of that: record for 2.5 s or more.", "2.5"],
  ["The recording is 0.4 s long; at least 1.0 s is needed.", "1.0"],
])("a refusal stands where the verdict would, with its seconds: %s", async (detail, seconds) => {
  const problem = { kind: "rejected", code: "recording_too_short", detail };
  const item = outboxItem("a", { isFile: true, clipName: "knock.wav" });
  await show({ step: { kind: "refused", item, problem, isKept: false, earlier: [] } });
  const words = new RegExp(`record for ${seconds.replace(".", "\\.")} s or more`);
  expect(screen.getByText(words)).toBeOnTheScreen();
  expect(screen.getByText("knock.wav was not sent and is not kept by the app.")).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "Try another one" })).toBeOnTheScreen();
});
