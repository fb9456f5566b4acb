import {
  type Problem,
  affectsAllRequests,
  isTransient,
  toProblem,
} from "../../src/services/server/problem";

const OURS = { code: "silent", detail: "The recording is silent." };
const ONE_CLIP = { ...OURS, fields: { files: { "4": ["Clip 5: silent."] } } };
const ALL_CLIPS = { ...OURS, fields: { files: ["Too few."] } };
const UNAVAILABLE = { ...OURS, code: "artifact_unavailable" };

test.each<[number, unknown, Problem]>([
  [422, OURS, { kind: "rejected", ...OURS }],
  [422, ONE_CLIP, { kind: "rejected", ...OURS, clip: 5 }],
  [422, ALL_CLIPS, { kind: "rejected", ...OURS }],
  [429, OURS, { kind: "throttled", retryAfterS: null }],
  [503, UNAVAILABLE, { kind: "server", code: "artifact_unavailable" }],
  [404, "<html>nginx</html>", { kind: "server", code: "unreadable_answer" }],
  [500, "<html>Server Error</html>", { kind: "server", code: "unreadable_answer" }],
  [502, undefined, { kind: "offline" }],
  [503, "<html>nginx</html>", { kind: "offline" }],
  [504, "<html>nginx</html>", { kind: "offline" }],
  [413, "<html>nginx</html>", { kind: "rejected", code: "too_large", detail: "" }],
  [400, null, { kind: "server", code: "unreadable_answer" }],
])("status %i with body %p becomes a problem", (status, error, expected) => {
  expect(toProblem({ status, error })).toEqual(expected);
});

test("a throttled request carries the seconds to wait", () => {
  const problem = toProblem({ status: 429, error: OURS, retryAfterS: 45 });
  expect(problem).toEqual({ kind: "throttled", retryAfterS: 45 });
});

test("only final refusals are not retried", () => {
  expect(isTransient({ kind: "rejected", ...OURS })).toBe(false);
  expect(isTransient({ kind: "offline" })).toBe(true);
  expect(isTransient({ kind: "signed_out" })).toBe(true);
  expect(isTransient({ kind: "server", code: "artifact_unavailable" })).toBe(true);
  expect(isTransient({ kind: "server", code: "artifact_corrupt" })).toBe(false);
});

test("a server error over one recording does not affect the next", () => {
  expect(affectsAllRequests({ kind: "server", code: "artifact_unavailable" })).toBe(false);
  expect(affectsAllRequests({ kind: "offline" })).toBe(true);
  expect(affectsAllRequests({ kind: "throttled", retryAfterS: null })).toBe(true);
});
