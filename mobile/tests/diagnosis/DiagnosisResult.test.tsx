import { act, screen } from "@testing-library/react-native";

import { DiagnosisResult } from "../../src/diagnosis/DiagnosisResult";
import type { Diagnosis } from "../../src/diagnosis/useDiagnosis";
import { changeLanguage } from "../../src/i18n";
import { AnalysisService, type Label } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { SESSION, analysis } from "../support/examples";
import { renderInApp } from "../support/renderInApp";

type Length = Pick<Diagnosis, "minSeconds" | "lengthSeconds">;
const DEFAULT: Length = { minSeconds: 0, lengthSeconds: 10 };

async function finish(label: Label, previousLabel: Label | null, length = DEFAULT): Promise<void> {
  const result = analysis(label);
  jest.spyOn(AnalysisService, "getAnalysis").mockResolvedValue(succeed(result));
  jest.spyOn(AnalysisService, "getRecording").mockResolvedValue(fail(OFFLINE));
  await beginSession(SESSION);
  const step = { kind: "done", analysis: result, seconds: 10, previousLabel };
  const diagnosis = { step, ...length, reset: jest.fn() } as unknown as Diagnosis;
  renderInApp(<DiagnosisResult diagnosis={diagnosis} />);
  await screen.findAllByText(/The server cannot be reached/); // the recording was not loaded
}

afterEach(() => act(() => changeLanguage("en")));

test.each(["WARNING", "CRITICAL"] as const)("one %s asks for one more recording", async (label) => {
  await finish(label, null);
  expect(screen.getByRole("button", { name: "Record again to confirm" })).toBeOnTheScreen();
  expect(screen.queryByText(/The summary of/)).toBeNull(); // it asks for it as well
  expect(screen.queryByText(/Confirmed/)).toBeNull();
});

test("no second recording is requested when the app records for too short a time", async () => {
  await finish("WARNING", null, { minSeconds: 40, lengthSeconds: null });
  expect(screen.queryByRole("button", { name: "Record again to confirm" })).toBeNull();
  const hint = /needs 40 s or more, which is longer than the app records/;
  expect(screen.getByText(hint)).toBeOnTheScreen();
});

test.each([
  ["CRITICAL", /^Confirmed: .* stop the machine and inspect it/, /^확인됨: .* 설비를 멈추고/],
  ["WARNING", /^Confirmed: .* Have the machine inspected soon/, /^확인됨: .* 가까운 시일 안에/],
  ["NORMAL", /^Not confirmed: .* Record a third time/, /^확인되지 않음: /],
] as const)("a second %s gives a joint verdict", async (label, english, korean) => {
  await finish(label, "WARNING");
  expect(screen.getByText(english)).toBeOnTheScreen();
  expect(screen.queryByRole("button", { name: "Record again to confirm" })).toBeNull();
  expect(screen.queryByText(/The summary of/)).toBeNull();
  act(() => changeLanguage("ko"));
  expect(screen.getByText(korean)).toBeOnTheScreen();
});
