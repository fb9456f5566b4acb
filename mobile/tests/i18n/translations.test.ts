import { createInstance } from "i18next";

import { RESOURCES } from "../../src/i18n";
import { en } from "../../src/i18n/en";
import {
  formatCalibrationNotes,
  formatMachineType,
  formatMethod,
  formatProblem,
  formatRole,
  formatWarning,
} from "../../src/i18n/format";
import { ko } from "../../src/i18n/ko";
import { analysis } from "../support/examples";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[path + key, value]] : leaves(value, `${path}${key}.`),
  );
}

function placeholders(text: string | undefined): string[] {
  return (text?.match(/\{\{\w+\}\}/g) ?? []).sort();
}

const KOREAN = new Map(leaves(ko));
// The same in every language: names, units, metrics.
const NAMES = ["app.name", "diagnose.levelValue"];

test.each(leaves(en))("%s has a Korean text with the same placeholders", (path, english) => {
  const korean = KOREAN.get(path);
  expect(placeholders(korean)).toEqual(placeholders(english));
  const hasText = /[a-z]/i.test(english.replace(/\{\{\w+\}\}/g, ""));
  if (hasText && !NAMES.includes(path)) expect(korean).toMatch(/[가-힣]/);
});

describe("a code or name that the server sends", () => {
  const translator = createInstance();
  void translator.init({
    lng: "en",
    resources: RESOURCES,
    initAsync: false,
    showSupportNotice: false,
    interpolation: { escapeValue: false },
  });
  const t = translator.t.bind(translator) as typeof translator.t;

  test("is shown as sent if the app does not know it", () => {
    const refusal = { kind: "rejected", code: "too_windy", detail: "It is too windy." } as const;
    expect(formatProblem(t, refusal)).toBe("The server refused this (too_windy): It is too windy.");
    expect(formatWarning(t, "windy")).toBe("Message from the server: windy");
    expect(formatMachineType(t, "gearbox")).toBe("gearbox");
    expect(formatMethod(t, "sparse_coding")).toBe("sparse coding");
    expect(formatRole(t, "night shift")).toBe("night shift");
  });

  test("is translated if the app knows it", () => {
    const silent = { kind: "rejected", code: "silent", detail: "" } as const;
    expect(formatProblem(t, silent)).toBe(en.codes.silent);
    expect(formatProblem(t, { kind: "offline" })).toBe(en.problem.offline);
    expect(formatMachineType(t, "pump")).toBe("Pump");
    expect(formatMethod(t, "mahalanobis")).toBe("Mahalanobis distance");
    expect(formatRole(t, "field engineer")).toBe("field engineer");
  });

  test("tells how many gaps a recording has, and how long they are", () => {
    const { quality } = analysis("NORMAL");
    expect(formatWarning(t, "dropouts", { ...quality, dropouts: 3, dropout_s: 0.154 })).toContain(
      "3, 0.15 s or more",
    );
  });

  test.each([
    [{ kind: "throttled", retryAfterS: 45 }, "Too many requests. Try again in 45 s."],
    [{ kind: "locked_out", retryAfterS: 45 }, "Too many wrong passwords. Try again in 45 s."],
    [{ kind: "locked_out", retryAfterS: 200 }, "Too many wrong passwords. Try again in 4 min."],
    [{ kind: "throttled", retryAfterS: null }, en.problem.throttled],
    [{ kind: "locked_out", retryAfterS: null }, en.problem.locked_out],
  ] as const)("says how long to wait: %p", (problem, text) => {
    expect(formatProblem(t, problem)).toBe(text);
  });

  test.each([
    [null, "The CRITICAL limit is an estimate: only 48 healthy recordings were available."],
    [7, en.calibrationNotes.extrapolated], // n counts the clips of calibration 7 then
  ])("an extrapolated limit names its n unless calibrated later: %p", (id, text) => {
    const calibration = { id, method: "", n: 48, n_groups: null, notes: ["extrapolated"] };
    expect(formatCalibrationNotes(t, calibration)).toEqual([text]);
  });
});
