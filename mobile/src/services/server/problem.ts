import type { components } from "../schema";

export type Code = components["schemas"]["CodeEnum"];

export type Problem =
  | { kind: "offline" } // no answer: worth retrying
  | { kind: "throttled"; retryAfterS: number | null } // 429; null: the server did not say how long
  | { kind: "locked_out"; retryAfterS: number | null } // 429: too many wrong passwords
  | { kind: "signed_out" } // 401: the user has to sign in again
  | { kind: "rejected"; code: string; detail: string; clip?: number } // any other 4xx
  | { kind: "damaged" } // the recording on this device cannot be read any more
  | { kind: "server"; code: string }; // 5xx, or a body that is not from SignalCraft

export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export const OFFLINE: Problem = { kind: "offline" };
export const DAMAGED: Problem = { kind: "damaged" };
export const SIGNED_OUT: Problem = { kind: "signed_out" };
const UNREADABLE: Problem = { kind: "server", code: "unreadable_answer" };
const TOO_LARGE: Problem = { kind: "rejected", code: "too_large", detail: "" };

// A proxy answers with these while the server behind it is down.
const GATEWAY_STATUSES = [502, 503, 504];
const PERMANENT_CODES = ["artifact_corrupt"];

export function succeed<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function fail<T>(problem: Problem): Outcome<T> {
  return { ok: false, problem };
}

type Failure = { status: number; error?: unknown; retryAfterS?: number | null };

/** Turn an answer with an error status or an unreadable body into a problem. */
export function toProblem({ status, error, retryAfterS = null }: Failure): Problem {
  if (status === 429) return { kind: "throttled", retryAfterS };
  if (!isErrorBody(error)) return toForeignProblem(status);
  if (status >= 500) return { kind: "server", code: error.code };
  const clip = getClipNumber(error.fields);
  const { code, detail } = error;
  return { kind: "rejected", code, detail, ...(clip !== null && { clip }) };
}

/** Return the number of the clip at fault; the server counts from 0, people from 1. */
function getClipNumber(fields: Fields | undefined): number | null {
  const files = fields?.files;
  const index = files && !Array.isArray(files) ? Object.keys(files)[0] : undefined;
  return index !== undefined && /^\d+$/.test(index) ? Number(index) + 1 : null;
}

/** Name the problem where a proxy answered, or something that is not SignalCraft. */
function toForeignProblem(status: number): Problem {
  if (status === 413) return TOO_LARGE;
  return GATEWAY_STATUSES.includes(status) ? OFFLINE : UNREADABLE;
}

type Fields = { files?: object; password?: string[] };
type ErrorBody = { code: string; detail: string; fields?: Fields };

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}

/** Return whether an error is about the password that was sent. */
export function namesPassword(error: unknown): boolean {
  return isErrorBody(error) && error.fields?.password !== undefined;
}

/** Return whether the same request may succeed later, without the user changing anything. */
export function isTransient(problem: Problem): boolean {
  if (problem.kind === "server") return !PERMANENT_CODES.includes(problem.code);
  return problem.kind !== "rejected" && problem.kind !== "damaged";
}

/** Return whether the next recording would fail in the same way. */
export function affectsAllRequests(problem: Problem): boolean {
  return !["server", "rejected", "damaged"].includes(problem.kind);
}

/** Return the server's error code, or null where the server gave none. */
export function getCode(problem: Problem | null): string | null {
  return problem && "code" in problem ? problem.code : null;
}

/** A problem that can be thrown, for libraries that expect exceptions. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.kind);
  }
}

export function unwrap<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new ProblemError(outcome.problem);
  return outcome.value;
}

// How the server says in its sentences what a model, or it itself, needs.
const NEEDED_SECONDS = /(\d+(?:\.\d+)?) s (?:or more|is needed)/;

/** Return how long a recording has to be, as the server told; null where it did not. */
export function getNeededSeconds(detail: string): string | null {
  return NEEDED_SECONDS.exec(detail)?.[1] ?? null;
}
