import { act, screen } from "@testing-library/react-native";

import { DiagnosisResult } from "../src/components/DiagnosisResult";
import type { Diagnosis } from "../src/hooks/useDiagnosisLogic";
import { speak } from "../src/i18n";
import { AnalysisService, type Label } from "../src/services/analysisService";
import { OFFLINE, fail, succeed } from "../src/services/problem";
import { beginSession } from "../src/services/session";
import { SESSION, analysis } from "./examples";
import { show } from "./renderInApp";

type Length = Pick<Diagnosis, "leastSeconds" | "lengthSeconds">;
const USUAL: Length = { leastSeconds: 0, lengthSeconds: 10 };

async function finish(label: Label, earlier: Label | null, length = USUAL): Promise<void> {
  const result = analysis(label);
  jest.spyOn(AnalysisService, "getAnalysis").mockResolvedValue(succeed(result));
  jest.spyOn(AnalysisService, "getRecording").mockResolvedValue(fail(OFFLINE));
  await beginSession(SESSION);
  const step = { kind: "done", analysis: result, seconds: 10, earlier };
  show(<DiagnosisResult diagnosis={{ step, ...length, startOver: jest.fn() } as unknown as Diagnosis} />);
  await screen.findAllByText(/The server cannot be reached/); // the sound could not be had
}

afterEach(() => act(() => speak("en")));

test.each(["WARNING", "CRITICAL"] as const)("one %s asks for a second recording, once", async (label) => {
  await finish(label, null);
  expect(screen.getByRole("button", { name: "Record again to confirm" })).toBeOnTheScreen();
  expect(screen.queryByText(/The summary of/)).toBeNull(); // it asks for one too
  expect(screen.queryByText(/Confirmed/)).toBeNull();
});

test("no second recording is asked of a microphone that records for too short a time", async () => {
  await finish("WARNING", null, { leastSeconds: 40, lengthSeconds: null });
  expect(screen.queryByRole("button", { name: "Record again to confirm" })).toBeNull();
  expect(screen.getByText(/it needs 40 s or more, which cannot be recorded here/)).toBeOnTheScreen();
});

test.each([
  ["CRITICAL", /^Confirmed twice: .* Stop the machine if that is safe, look at it/, /^두 번 확인됨: .* 설비를 멈추고/],
  ["WARNING", /^Confirmed twice: .* Have the machine looked at soon/, /^두 번 확인됨: .* 가까운 시일 안에/],
  ["NORMAL", /^Not confirmed: .* Record a third time/, /^확인되지 않음: /],
] as const)("a second recording that is %s says what the two come to", async (label, english, korean) => {
  await finish(label, "WARNING");
  expect(screen.getByText(english)).toBeOnTheScreen();
  expect(screen.queryByRole("button", { name: "Record again to confirm" })).toBeNull();
  expect(screen.queryByText(/The summary of/)).toBeNull();
  act(() => speak("ko"));
  expect(screen.getByText(korean)).toBeOnTheScreen();
});
