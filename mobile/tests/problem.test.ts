import { type Problem, concernsAll, isPassing, problemOf } from "../src/services/problem";

const OURS = { code: "silent", detail: "The recording is silent." };

test.each<[number, unknown, Problem]>([
  [422, OURS, { kind: "rejected", ...OURS }],
  [422, { ...OURS, fields: { files: { "4": ["Clip 5: silent."] } } }, { kind: "rejected", ...OURS, clip: 5 }],
  [422, { ...OURS, fields: { files: ["Too few."] } }, { kind: "rejected", ...OURS }],
  [429, OURS, { kind: "throttled" }],
  [503, { ...OURS, code: "artifact_unavailable" }, { kind: "server", code: "artifact_unavailable" }],
  [404, "<html>nginx</html>", { kind: "server", code: "unreadable_answer" }],
  [500, "<html>Server Error</html>", { kind: "server", code: "unreadable_answer" }],
  [502, undefined, { kind: "offline" }],
  [503, "<html>nginx</html>", { kind: "offline" }],
  [504, "<html>nginx</html>", { kind: "offline" }],
  [413, "<html>nginx</html>", { kind: "rejected", code: "too_large", detail: "" }],
  [400, null, { kind: "server", code: "unreadable_answer" }],
])("%i with %p", (status, body, expected) => {
  expect(problemOf(status, body)).toEqual(expected);
});

test("only what the server refused for good is not tried again", () => {
  expect(isPassing({ kind: "rejected", ...OURS })).toBe(false);
  expect(isPassing({ kind: "offline" })).toBe(true);
  expect(isPassing({ kind: "signed_out" })).toBe(true);
  expect(isPassing({ kind: "server", code: "artifact_unavailable" })).toBe(true);
  expect(isPassing({ kind: "server", code: "artifact_corrupt" })).toBe(false);
});

test("a mistake over one recording says nothing of the next", () => {
  expect(concernsAll({ kind: "server", code: "artifact_unavailable" })).toBe(false);
  expect(concernsAll({ kind: "offline" })).toBe(true);
  expect(concernsAll({ kind: "throttled" })).toBe(true);
});
