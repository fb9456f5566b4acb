import createClient, { type Client } from "openapi-fetch";

import { getLanguage } from "../../i18n/language";
import type { paths } from "../schema";
import {
  OFFLINE,
  type Outcome,
  SIGNED_OUT,
  fail,
  namesPassword,
  succeed,
  toProblem,
} from "./problem";
import {
  type Session,
  beginSession,
  beginSharedSession,
  endSession,
  getSessionState,
} from "./session";

const TIMEOUT_MS = 20_000;
const UPLOAD_TIMEOUT_MS = 120_000;

type Answer<T> = {
  status: number;
  data?: T | undefined;
  error?: unknown;
  retryAfterS: number | null;
};
type FetchResult<T> = { data?: T; error?: unknown; response: Response };
type ApiClient = Client<paths>;

/** Exchange e-mail and password for a session. */
export async function signIn(
  server: string,
  email: string,
  password: string,
): Promise<Outcome<Session>> {
  const body = { email, password };
  const answer = await send(() => createApiClient(server).POST("/api/v1/auth/token", { body }));
  const outcome = toSignInOutcome(answer);
  if (!outcome.ok) return outcome;

  const session = { server, email, ...outcome.value };
  await beginSharedSession(session);
  return succeed(session);
}

/** Name the two refusals that mean something else here than for other requests. */
function toSignInOutcome<T>(answer: Answer<T> | null): Outcome<T> {
  // 401 means that the password is wrong, not that a session has ended.
  if (answer?.status === 401) return fail(toProblem({ status: 400, error: answer.error }));
  const outcome = toOutcome(answer);
  // With the field at fault, 429 means that this account had too many wrong passwords.
  if (outcome.ok || outcome.problem.kind !== "throttled" || !namesPassword(answer?.error)) {
    return outcome;
  }
  return fail({ kind: "locked_out", retryAfterS: outcome.problem.retryAfterS });
}

/** Call the API of the server the user is signed in to; renew an expired access token. */
export async function request<T>(
  call: (client: ApiClient) => Promise<FetchResult<T>>,
): Promise<Outcome<T>> {
  return withRenewal((session) =>
    send(() => call(createApiClient(session.server, session.access))),
  );
}

type UploadOptions = {
  headers?: Record<string, string>;
  onProgress?: (fraction: number) => void;
};

/** Post a form with a recording, by XMLHttpRequest because fetch reports no upload progress. */
export async function upload<T>(
  path: string,
  form: FormData,
  options: UploadOptions = {},
): Promise<Outcome<T>> {
  return withRenewal((session) => post<T>(session, path, form, options));
}

async function withRenewal<T>(
  call: (session: Session) => Promise<Answer<T> | null>,
): Promise<Outcome<T>> {
  const state = getSessionState();
  if (state.status !== "in") return fail(SIGNED_OUT);
  const answer = await call(state.session);
  if (answer?.status !== 401) return toOutcome(answer);

  const renewed = await renewSession(state.session);
  if (!renewed.ok) return renewed;
  const secondAnswer = await call(renewed.value);
  return secondAnswer?.status === 401 ? expire(renewed.value) : toOutcome(secondAnswer);
}

let renewal: Promise<Outcome<Session>> | null = null;

/** Renew the access token once, however many requests found it expired. */
function renewSession(session: Session): Promise<Outcome<Session>> {
  renewal ??= requestRenewal(session).finally(() => {
    renewal = null;
  });
  return renewal;
}

async function requestRenewal(session: Session): Promise<Outcome<Session>> {
  const state = getSessionState();
  // Another request renewed the token after this one was sent.
  const isRenewed = state.status === "in" && state.session.access !== session.access;
  if (isRenewed) return succeed(state.session);

  // The schema lists the answer's field among the request's.
  const body = { refresh: session.refresh, access: "" };
  const client = createApiClient(session.server);
  const answer = await send(() => client.POST("/api/v1/auth/refresh", { body }));
  if (answer?.status === 401) return expire(session);
  const outcome = toOutcome(answer);
  if (!outcome.ok) return outcome;
  if (!isCurrent(session)) return fail(SIGNED_OUT); // the user has signed out meanwhile

  const renewed = { ...session, access: outcome.value.access };
  await beginSession(renewed);
  return succeed(renewed);
}

async function expire(session: Session): Promise<Outcome<never>> {
  if (isCurrent(session)) await endSession("expired");
  return fail(SIGNED_OUT);
}

function isCurrent({ refresh }: Session): boolean {
  const state = getSessionState();
  return state.status === "in" && state.session.refresh === refresh;
}

function createApiClient(baseUrl: string, access?: string): ApiClient {
  const headers: Record<string, string> = { "Accept-Language": getLanguage() };
  if (access) headers.Authorization = `Bearer ${access}`;
  return createClient<paths>({ baseUrl, headers, fetch: fetchWithTimeout });
}

async function fetchWithTimeout(fetchRequest: Request): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    return await fetch(fetchRequest, { signal: controller.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Send a request; return null where no answer came. */
async function send<T>(call: () => Promise<FetchResult<T>>): Promise<Answer<T> | null> {
  try {
    const { data, error, response } = await call();
    const retryAfterS = parseRetryAfter(response.headers.get("Retry-After"));
    return { status: response.status, data, error, retryAfterS };
  } catch (error) {
    // A SyntaxError means that the body was not JSON; other errors mean that no answer came.
    if (error instanceof SyntaxError) return { status: 200, error: null, retryAfterS: null };
    return null;
  }
}

function toOutcome<T>(answer: Answer<T> | null): Outcome<T> {
  if (answer === null) return fail(OFFLINE);
  if (answer.status >= 400 || answer.data === undefined) return fail(toProblem(answer));
  return succeed(answer.data);
}

/** Read the seconds to wait; a date, which our server never sends, is ignored. */
function parseRetryAfter(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}

function post<T>(
  session: Session,
  path: string,
  form: FormData,
  { headers = {}, onProgress }: UploadOptions,
): Promise<Answer<T> | null> {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", session.server + path);
    xhr.timeout = UPLOAD_TIMEOUT_MS;
    xhr.setRequestHeader("Authorization", `Bearer ${session.access}`);
    xhr.setRequestHeader("Accept-Language", getLanguage());
    Object.entries(headers).forEach(([name, value]) => xhr.setRequestHeader(name, value));
    xhr.upload.onprogress = ({ loaded, total }) => onProgress?.(total ? loaded / total : 0);
    xhr.onload = () => resolve(toAnswer<T>(xhr));
    xhr.onerror = () => resolve(null);
    xhr.ontimeout = () => resolve(null);
    xhr.send(form);
  });
}

function toAnswer<T>(xhr: XMLHttpRequest): Answer<T> {
  const { status } = xhr;
  const body = parseJson(xhr.responseText);
  const retryAfterS = parseRetryAfter(xhr.getResponseHeader("Retry-After"));
  if (status >= 400) return { status, error: body, retryAfterS };
  return { status, data: body as T | undefined, retryAfterS };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // a proxy's page, which toProblem names
  }
}
