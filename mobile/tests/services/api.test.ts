import { AnalysisService } from "../../src/services/server/analysisService";
import { signIn } from "../../src/services/server/api";
import { OFFLINE, type Outcome, SIGNED_OUT, fail } from "../../src/services/server/problem";
import {
  type Session,
  beginSession,
  endSession,
  getSessionState,
} from "../../src/services/server/session";
import { SESSION, model } from "../support/examples";

type Answer = [status: number, body: unknown, headers?: Record<string, string>];
type Route = (request: Request) => Answer | Promise<never>;

/** Replace the network. */
function serve(route: Route): jest.Mock {
  const network = jest.fn(async (request: Request) => {
    const [status, body, headers] = await route(request);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return new Response(text, { status, headers: { ...JSON_TYPE, ...headers } });
  });
  globalThis.fetch = network as unknown as typeof fetch;
  return network;
}

const getPath = ({ url }: Request): string => new URL(url).pathname;
const JSON_TYPE = { "Content-Type": "application/json" };
const EXPIRED = { code: "token_not_valid", detail: "Token is expired" };

beforeEach(() => beginSession(SESSION));

async function signInWith(password: string): Promise<Outcome<Session>> {
  return signIn("https://plant.example", "a@plant.example", password);
}

test("signing in stores the tokens", async () => {
  serve(() => [200, { access: "a", refresh: "r" }]);
  expect((await signInWith("secret")).ok).toBe(true);
  const session = { email: "a@plant.example", access: "a", refresh: "r" };
  expect(getSessionState()).toMatchObject({ status: "in", session });
});

test("a wrong password is rejected and does not end a session", async () => {
  serve(() => [401, { code: "authentication_failed", detail: "No." }]);
  const problem = { kind: "rejected", code: "authentication_failed" };
  expect(await signInWith("wrong")).toMatchObject({ ok: false, problem });
  expect(getSessionState().status).toBe("in");
});

const THROTTLED = { code: "throttled", detail: "Too many attempts." };
const LOCKED = { ...THROTTLED, fields: { password: ["Too many wrong passwords."] } };

test.each([
  [{ "Retry-After": "45" }, 45],
  [{}, null],
  [{ "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT" }, null],
])("too many wrong passwords lock the sign-in: %p", async (headers, retryAfterS) => {
  serve(() => [429, LOCKED, headers]);
  const problem = { kind: "locked_out", retryAfterS };
  expect(await signInWith("secret")).toEqual({ ok: false, problem });
});

test("too many attempts from an address are not about the password", async () => {
  serve(() => [429, THROTTLED, { "Retry-After": "45" }]);
  const problem = { kind: "throttled", retryAfterS: 45 };
  expect(await signInWith("secret")).toEqual({ ok: false, problem });
});

test("a throttled request says how long to wait", async () => {
  serve(() => [429, THROTTLED, { "Retry-After": "7" }]);
  const problem = { kind: "throttled", retryAfterS: 7 };
  expect(await AnalysisService.getDevices()).toEqual({ ok: false, problem });
});

test("every request carries the access token and the language", async () => {
  const network = serve(() => [200, { models: [], next: null }]);
  await AnalysisService.getAvailableModels("pump");
  const request = network.mock.calls[0]?.[0] as Request;
  expect(request.headers.get("Authorization")).toBe("Bearer access-1");
  expect(request.headers.get("Accept-Language")).toBe("en");
  expect(new URL(request.url).searchParams.get("device_type")).toBe("pump");
});

test("all pages are loaded", async () => {
  serve(({ url }) =>
    url.includes("page=2")
      ? [200, { models: [model("b")], next: null }]
      : [200, { models: [model("a")], next: "https://plant.example/api/v1/models?page=2" }],
  );
  const outcome = await AnalysisService.getAvailableModels();
  expect(outcome.ok && outcome.value.map(({ id }) => id)).toEqual(["a", "b"]);
});

test("an expired access token is renewed once for several requests", async () => {
  let renewals = 0;
  serve((request) => {
    if (getPath(request).endsWith("auth/refresh")) {
      renewals += 1;
      return [200, { access: "access-2" }];
    }
    const isFresh = request.headers.get("Authorization") === "Bearer access-2";
    return isFresh ? [200, { models: [], devices: [], next: null }] : [401, EXPIRED];
  });
  const outcomes = await Promise.all([
    AnalysisService.getAvailableModels(),
    AnalysisService.getDevices(),
  ]);
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true]);
  expect(renewals).toBe(1);
});

test("an expired refresh token ends the session", async () => {
  serve(() => [401, EXPIRED]);
  expect(await AnalysisService.getDevices()).toEqual(fail(SIGNED_OUT));
  expect(getSessionState()).toEqual({ status: "out", reason: "expired" });
});

test("an unanswered renewal does not end the session", async () => {
  serve((request) =>
    getPath(request).endsWith("auth/refresh")
      ? Promise.reject(new TypeError("Network request failed"))
      : [401, EXPIRED],
  );
  expect(await AnalysisService.getDevices()).toEqual(fail(OFFLINE));
  expect(getSessionState().status).toBe("in");
});

test("signing out during a renewal keeps the user signed out", async () => {
  const network = jest.fn(async (request: Request) => {
    if (!getPath(request).endsWith("auth/refresh")) {
      return new Response(JSON.stringify(EXPIRED), { status: 401 });
    }
    await endSession("signed_out");
    return new Response(JSON.stringify({ access: "access-2" }), { headers: JSON_TYPE });
  });
  globalThis.fetch = network as unknown as typeof fetch;
  expect(await AnalysisService.getDevices()).toEqual(fail(SIGNED_OUT));
  expect(getSessionState()).toEqual({ status: "out", reason: "signed_out" });
});

test("no answer means that the server is offline", async () => {
  serve(() => Promise.reject(new TypeError("Network request failed")));
  expect(await AnalysisService.getDevices()).toEqual(fail(OFFLINE));
});

test("a gateway error of a proxy means that the server is offline", async () => {
  serve(() => [502, "<html>Bad Gateway</html>"]);
  expect(await AnalysisService.getDevices()).toEqual(fail(OFFLINE));
});

test.each([200, 404, 500])("a foreign page with status %i is unreadable", async (status) => {
  serve(() => [status, "<html>A hotel's sign-in page</html>"]);
  expect(await AnalysisService.getDevices()).toEqual({
    ok: false,
    problem: { kind: "server", code: "unreadable_answer" },
  });
});
