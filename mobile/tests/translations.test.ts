import { createInstance } from "i18next";

import { RESOURCES } from "../src/i18n";
import { en } from "../src/i18n/en";
import { ko } from "../src/i18n/ko";
import { machineTypeWords, methodWords, problemWords, roleWords, warningWords } from "../src/i18n/format";

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
// The same in every language: a name, a unit, a measure.
const NAMES = ["app.name", "diagnose.levelValue", "models.auc"];

test.each(leaves(en))("%s is the same sentence in Korean", (path, english) => {
  const korean = KOREAN.get(path);
  expect(placeholders(korean)).toEqual(placeholders(english));
  const hasWords = /[a-z]/i.test(english.replace(/\{\{\w+\}\}/g, ""));
  if (hasWords && !NAMES.includes(path)) expect(korean).toMatch(/[가-힣]/);
});

describe("what a newer server says", () => {
  const translator = createInstance();
  void translator.init({ lng: "en", resources: RESOURCES, initAsync: false, showSupportNotice: false, interpolation: { escapeValue: false } });
  const t = translator.t.bind(translator) as typeof translator.t;

  test("has words, although the app does not know it", () => {
    const refusal = { kind: "rejected", code: "too_windy", detail: "It is too windy." } as const;
    expect(problemWords(t, refusal)).toBe("The server refused this (too_windy): It is too windy.");
    expect(warningWords(t, "windy")).toBe("The server notes: windy");
    expect(machineTypeWords(t, "gearbox")).toBe("gearbox");
    expect(methodWords(t, "sparse_coding")).toBe("sparse coding");
    expect(roleWords(t, "night shift")).toBe("night shift");
  });

  test("is translated where the app knows it", () => {
    expect(problemWords(t, { kind: "rejected", code: "silent", detail: "" })).toBe(en.codes.silent);
    expect(problemWords(t, { kind: "offline" })).toBe(en.problem.offline);
    expect(machineTypeWords(t, "pump")).toBe("Pump");
    expect(methodWords(t, "mahalanobis")).toBe("Mahalanobis distance");
    expect(roleWords(t, "field engineer")).toBe("field engineer");
  });
});
