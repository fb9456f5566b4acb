import { act, fireEvent, screen } from "@testing-library/react-native";

import { changeLanguage } from "../../src/i18n";
import { outbox } from "../../src/services/outbox/outbox";
import { AnalysisService, type Me } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession, getSessionState } from "../../src/services/server/session";
import { CLIP, SESSION, outboxItem } from "../support/examples";
import { openApp } from "../support/renderInApp";

const ME: Me = {
  email: SESSION.email,
  username: "engineer",
  name: "Kim Minji",
  roles: ["field engineer"],
  permissions: [],
};

async function open(): Promise<void> {
  await beginSession(SESSION);
  jest.spyOn(AnalysisService, "getMe").mockResolvedValue(succeed(ME));
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(fail(OFFLINE));
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(fail(OFFLINE));
  await openApp("settings");
}

afterEach(() => act(() => changeLanguage("en")));

test("account, role and both versions are shown", async () => {
  await open();
  expect(screen.getByText(SESSION.email)).toBeOnTheScreen();
  expect(await screen.findByText("field engineer")).toBeOnTheScreen();
  expect(screen.getByText(/^App .*· Server 0\.1\.0$/)).toBeOnTheScreen();
});

test("the language changes at once, the title as well", async () => {
  await open();
  fireEvent.press(screen.getByRole("radio", { name: "한국어" }));
  expect(screen.getByRole("heading", { name: "설정" })).toBeOnTheScreen();
});

test("help is one tap away", async () => {
  await open();
  await act(async () => fireEvent.press(screen.getByRole("button", { name: "Help" })));
  expect(screen.getByText("What the verdict means")).toBeOnTheScreen();
});

test("signing out says what was not sent yet", async () => {
  await outbox.add(outboxItem("a"), CLIP);
  await open();
  const words = "1 recording has not been sent. It stays on this device until you sign in again.";
  expect(screen.getByText(words)).toBeOnTheScreen();
  await outbox.remove("a");
  const signOut = screen.getByRole("button", { name: "Sign out" });
  screen.unmount();
  expect(signOut).toBeTruthy();
  expect(getSessionState().status).toBe("in");
});
