import { AnalysisService } from "../src/services/analysisService";
import { signIn } from "../src/services/api";
import { beginSession, endSession, sessionState } from "../src/services/session";
import { SESSION, model } from "./examples";

type Route = (request: Request) => [status: number, body: unknown] | Promise<never>;

/** Stand in for the network. */
function serve(route: Route): jest.Mock {
  const network = jest.fn(async (request: Request) => {
    const [status, body] = await route(request);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return new Response(text, { status, headers: { "Content-Type": "application/json" } });
  });
  globalThis.fetch = network as unknown as typeof fetch;
  return network;
}

const pathOf = ({ url }: Request): string => new URL(url).pathname;
const EXPIRED = { code: "token_not_valid", detail: "Token is expired" };

beforeEach(() => beginSession(SESSION));

test("signing in keeps the tokens", async () => {
  serve(() => [200, { access: "a", refresh: "r" }]);
  expect((await signIn("https://plant.example", "a@plant.example", "secret")).ok).toBe(true);
  expect(sessionState()).toMatchObject({ status: "in", session: { email: "a@plant.example", access: "a", refresh: "r" } });
});

test("a wrong password is a refusal and no end of a session", async () => {
  serve(() => [401, { code: "authentication_failed", detail: "No." }]);
  const outcome = await signIn("https://plant.example", "a@plant.example", "wrong");
  expect(outcome).toMatchObject({ ok: false, problem: { kind: "rejected", code: "authentication_failed" } });
});

test("every request carries the bearer and the language", async () => {
  const network = serve(() => [200, { models: [], next: null }]);
  await AnalysisService.getAvailableModels("pump");
  const request = network.mock.calls[0]?.[0] as Request;
  expect(request.headers.get("Authorization")).toBe("Bearer access-1");
  expect(request.headers.get("Accept-Language")).toBe("en");
  expect(new URL(request.url).searchParams.get("device_type")).toBe("pump");
});

test("pages are followed to the end", async () => {
  serve(({ url }) =>
    url.includes("page=2")
      ? [200, { models: [model("b")], next: null }]
      : [200, { models: [model("a")], next: "https://plant.example/api/v1/models?page=2" }],
  );
  const outcome = await AnalysisService.getAvailableModels();
  expect(outcome.ok && outcome.value.map(({ id }) => id)).toEqual(["a", "b"]);
});

test("an access token that ran out is renewed once, however many found out", async () => {
  let renewals = 0;
  serve((request) => {
    if (pathOf(request).endsWith("auth/refresh")) {
      renewals += 1;
      return [200, { access: "access-2" }];
    }
    const isFresh = request.headers.get("Authorization") === "Bearer access-2";
    return isFresh ? [200, { models: [], devices: [], next: null }] : [401, EXPIRED];
  });
  const outcomes = await Promise.all([AnalysisService.getAvailableModels(), AnalysisService.getDevices()]);
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true]);
  expect(renewals).toBe(1);
});

test("a refresh token that ran out ends the session", async () => {
  serve(() => [401, EXPIRED]);
  expect(await AnalysisService.getDevices()).toEqual({ ok: false, problem: { kind: "signed_out" } });
  expect(sessionState()).toEqual({ status: "out", reason: "expired" });
});

test("no answer to the renewal is no end of the session", async () => {
  serve((request) =>
    pathOf(request).endsWith("auth/refresh") ? Promise.reject(new TypeError("Network request failed")) : [401, EXPIRED],
  );
  expect(await AnalysisService.getDevices()).toEqual({ ok: false, problem: { kind: "offline" } });
  expect(sessionState().status).toBe("in");
});

test("who signs out while a token is renewed stays signed out", async () => {
  const network = jest.fn(async (request: Request) => {
    if (!pathOf(request).endsWith("auth/refresh")) return new Response(JSON.stringify(EXPIRED), { status: 401 });
    await endSession("signed_out");
    return new Response(JSON.stringify({ access: "access-2" }), { headers: { "Content-Type": "application/json" } });
  });
  globalThis.fetch = network as unknown as typeof fetch;
  expect(await AnalysisService.getDevices()).toEqual({ ok: false, problem: { kind: "signed_out" } });
  expect(sessionState()).toEqual({ status: "out", reason: "signed_out" });
});

test("no answer is told as such", async () => {
  serve(() => Promise.reject(new TypeError("Network request failed")));
  expect(await AnalysisService.getDevices()).toEqual({ ok: false, problem: { kind: "offline" } });
});

test("a proxy that speaks for a server that is away is no answer", async () => {
  serve(() => [502, "<html>Bad Gateway</html>"]);
  expect(await AnalysisService.getDevices()).toEqual({ ok: false, problem: { kind: "offline" } });
});

test.each([200, 404, 500])("a page of something else, with status %i, is told as such", async (status) => {
  serve(() => [status, "<html>A hotel's sign-in page</html>"]);
  expect(await AnalysisService.getDevices()).toEqual({
    ok: false,
    problem: { kind: "server", code: "unreadable_answer" },
  });
});
