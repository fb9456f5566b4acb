import type { components } from "./schema";

export type Code = components["schemas"]["CodeEnum"];

export type Problem =
  | { kind: "offline" } // no answer: worth retrying
  | { kind: "throttled" } // 429
  | { kind: "signed_out" } // 401, and signing in anew is the way on
  | { kind: "rejected"; code: string; detail: string } // any other 4xx
  | { kind: "server"; code: string }; // 5xx, or a body that is not ours

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export const OFFLINE: Problem = { kind: "offline" };
export const SIGNED_OUT: Problem = { kind: "signed_out" };
const UNREADABLE: Problem = { kind: "server", code: "unreadable_answer" };

export function succeed<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function fail<T>(problem: Problem): Outcome<T> {
  return { ok: false, problem };
}

/** Read what the server said when it did not do what was asked. */
export function problemOf(status: number, body: unknown): Problem {
  if (status === 429) return { kind: "throttled" };
  if (!isOurs(body)) return UNREADABLE;
  if (status >= 500) return { kind: "server", code: body.code };
  return { kind: "rejected", code: body.code, detail: body.detail };
}

function isOurs(body: unknown): body is { code: string; detail: string } {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}

/** Tell whether the same request may succeed later, with nothing changed by the user. */
export function isPassing(problem: Problem): boolean {
  return problem.kind !== "rejected";
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
