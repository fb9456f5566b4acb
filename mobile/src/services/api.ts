import createClient, { type Client } from "openapi-fetch";

import { acceptLanguage } from "../i18n/language";
import { OFFLINE, type Outcome, SIGNED_OUT, fail, problemOf, succeed } from "./problem";
import type { paths } from "./schema";
import { type Session, beginSession, endSession, sessionState } from "./session";

const PATIENCE_MS = 20_000;
const UPLOAD_PATIENCE_MS = 120_000;

type Answer<T> = { status: number; data?: T | undefined; error?: unknown };
type FetchAnswer<T> = { data?: T; error?: unknown; response: Response };
type Server = Client<paths>;

/** Exchange e-mail and password for a session. */
export async function signIn(server: string, email: string, password: string): Promise<Outcome<Session>> {
  const answer = await attempt(() => serverAt(server).POST("/api/v1/auth/token", { body: { email, password } }));
  // Here a 401 says that the password is wrong, not that the session is over.
  const outcome = answer?.status === 401 ? fail<never>(problemOf(400, answer.error)) : outcomeOf(answer);
  if (!outcome.ok) return outcome;
  const session = { server, email, ...outcome.value };
  await beginSession(session);
  return succeed(session);
}

/** Ask the server one is signed in to; an access token that has run out is renewed on the way. */
export async function ask<T>(send: (server: Server) => Promise<FetchAnswer<T>>): Promise<Outcome<T>> {
  return withRenewal((session) => attempt(() => send(serverAt(session.server, session.access))));
}

/** The addresses at which this server answers: what an older one lacks is not offered. */
export async function askForPaths(): Promise<Outcome<string[]>> {
  return withRenewal(({ server }) =>
    attempt(async () => {
      const response = await patientFetch(new Request(`${server}/api/schema?format=json`));
      const { paths: answered } = (await response.json()) as { paths: Record<string, unknown> };
      return { data: Object.keys(answered), response };
    }),
  );
}

type UploadOptions = { headers?: Record<string, string>; onProgress?: (fraction: number) => void };

/** Post a form with a recording; unlike fetch, this can tell how far it is. */
export async function upload<T>(path: string, form: FormData, options: UploadOptions = {}): Promise<Outcome<T>> {
  return withRenewal((session) => post<T>(session, path, form, options));
}

async function withRenewal<T>(send: (session: Session) => Promise<Answer<T> | null>): Promise<Outcome<T>> {
  const state = sessionState();
  if (state.status !== "in") return fail(SIGNED_OUT);
  const answer = await send(state.session);
  if (answer?.status !== 401) return outcomeOf(answer);
  const renewed = await renew(state.session);
  if (!renewed.ok) return renewed;
  const second = await send(renewed.value);
  return second?.status === 401 ? expire(renewed.value) : outcomeOf(second);
}

let renewal: Promise<Outcome<Session>> | null = null;

/** Renew the access token once, however many requests found it run out. */
function renew(session: Session): Promise<Outcome<Session>> {
  renewal ??= exchange(session).finally(() => {
    renewal = null;
  });
  return renewal;
}

async function exchange(session: Session): Promise<Outcome<Session>> {
  const state = sessionState();
  // Another request renewed it between this one's sending and its answer.
  if (state.status === "in" && state.session.access !== session.access) return succeed(state.session);
  const { refresh } = session;
  // The schema lists the answer's field among the request's.
  const body = { refresh, access: "" };
  const answer = await attempt(() => serverAt(session.server).POST("/api/v1/auth/refresh", { body }));
  if (answer?.status === 401) return expire(session);
  const outcome = outcomeOf(answer);
  if (!outcome.ok) return outcome;
  if (!isCurrent(session)) return fail(SIGNED_OUT); // an answer that came late signs nobody in
  const renewed = { ...session, access: outcome.value.access };
  await beginSession(renewed);
  return succeed(renewed);
}

async function expire(session: Session): Promise<Outcome<never>> {
  if (isCurrent(session)) await endSession("expired");
  return fail(SIGNED_OUT);
}

function isCurrent({ refresh }: Session): boolean {
  const state = sessionState();
  return state.status === "in" && state.session.refresh === refresh;
}

function serverAt(baseUrl: string, access?: string): Server {
  const headers: Record<string, string> = { "Accept-Language": acceptLanguage() };
  if (access) headers.Authorization = `Bearer ${access}`;
  return createClient<paths>({ baseUrl, headers, fetch: patientFetch });
}

async function patientFetch(request: Request): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
  try {
    return await fetch(request, { signal: controller.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Send; null when no answer came. */
async function attempt<T>(send: () => Promise<FetchAnswer<T>>): Promise<Answer<T> | null> {
  try {
    const { data, error, response } = await send();
    return { status: response.status, data, error };
  } catch (error) {
    // fetch throws a TypeError or an AbortError where no answer came, a SyntaxError for one that is no JSON.
    if (error instanceof SyntaxError) return { status: 200, error: null };
    return null;
  }
}

function outcomeOf<T>(answer: Answer<T> | null): Outcome<T> {
  if (answer === null) return fail(OFFLINE);
  if (answer.status >= 400 || answer.data === undefined) return fail(problemOf(answer.status, answer.error));
  return succeed(answer.data);
}

function post<T>(session: Session, path: string, form: FormData, options: UploadOptions): Promise<Answer<T> | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", session.server + path);
    request.timeout = UPLOAD_PATIENCE_MS;
    request.setRequestHeader("Authorization", `Bearer ${session.access}`);
    request.setRequestHeader("Accept-Language", acceptLanguage());
    Object.entries(options.headers ?? {}).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.upload.onprogress = ({ loaded, total }) => options.onProgress?.(total ? loaded / total : 0);
    request.onload = () => resolve(answerOf<T>(request.status, request.responseText));
    request.onerror = request.ontimeout = () => resolve(null);
    request.send(form);
  });
}

function answerOf<T>(status: number, text: string): Answer<T> {
  const body = parse(text);
  return status < 400 ? { status, data: body as T | undefined } : { status, error: body };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // a proxy's page, which problemOf names
  }
}
