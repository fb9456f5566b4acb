import type { components } from "./schema";

export type Code = components["schemas"]["CodeEnum"];

export type Problem =
  | { kind: "offline" } // no answer: worth retrying
  | { kind: "throttled" } // 429
  | { kind: "signed_out" } // 401, and signing in anew is the way on
  | { kind: "rejected"; code: string; detail: string; clip?: number } // any other 4xx; which of several clips, from 1
  | { kind: "server"; code: string }; // 5xx, or a body that is not ours

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export const OFFLINE: Problem = { kind: "offline" };
export const SIGNED_OUT: Problem = { kind: "signed_out" };
const UNREADABLE: Problem = { kind: "server", code: "unreadable_answer" };
const TOO_LARGE: Problem = { kind: "rejected", code: "too_large", detail: "" };

// What a proxy answers in the place of a server that is away.
const GATEWAY_STATUSES = [502, 503, 504];
const LASTING_CODES = ["artifact_corrupt"];

export function succeed<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function fail<T>(problem: Problem): Outcome<T> {
  return { ok: false, problem };
}

/** Read what the server said when it did not do what was asked. */
export function problemOf(status: number, body: unknown): Problem {
  if (status === 429) return { kind: "throttled" };
  if (!isOurs(body)) return foreignProblem(status);
  if (status >= 500) return { kind: "server", code: body.code };
  const clip = clipIn(body.fields);
  return { kind: "rejected", code: body.code, detail: body.detail, ...(clip !== null && { clip }) };
}

/** Which of several recordings is to blame, where it is one; the server counts from 0, people from 1. */
function clipIn(fields: Fields | undefined): number | null {
  const files = fields?.files;
  const index = files && !Array.isArray(files) ? Object.keys(files)[0] : undefined;
  return index !== undefined && /^\d+$/.test(index) ? Number(index) + 1 : null;
}

/** A proxy in front of the server spoke, or something that is no SignalCraft at all. */
function foreignProblem(status: number): Problem {
  if (status === 413) return TOO_LARGE;
  return GATEWAY_STATUSES.includes(status) ? OFFLINE : UNREADABLE;
}

type Fields = { files?: object };

function isOurs(body: unknown): body is { code: string; detail: string; fields?: Fields } {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}

/** Tell whether the same request may succeed later, with nothing changed by the user. */
export function isPassing(problem: Problem): boolean {
  if (problem.kind === "server") return !LASTING_CODES.includes(problem.code);
  return problem.kind !== "rejected";
}

/** Tell whether the next recording would fare the same: nobody answers, or not us. */
export function concernsAll(problem: Problem): boolean {
  return problem.kind !== "server" && problem.kind !== "rejected";
}

/** The code that the server gave, if it was the server that spoke. */
export function codeOf(problem: Problem | null): string | null {
  return problem && "code" in problem ? problem.code : null;
}

/** A problem as something thrown, for libraries that know no outcomes. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.kind);
  }
}

export function unwrap<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new ProblemError(outcome.problem);
  return outcome.value;
}
