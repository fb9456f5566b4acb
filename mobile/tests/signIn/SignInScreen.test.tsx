import { act, fireEvent, screen } from "@testing-library/react-native";

import * as api from "../../src/services/server/api";
import { fail } from "../../src/services/server/problem";
import { SignInScreen } from "../../src/signIn/SignInScreen";
import { renderInApp } from "../support/renderInApp";

const signIn = jest.spyOn(api, "signIn");

beforeEach(() => signIn.mockReset());

function open({ wasExpired = false } = {}): void {
  renderInApp(<SignInScreen wasExpired={wasExpired} />);
}

async function submit(email: string, password: string): Promise<void> {
  fireEvent.changeText(screen.getByLabelText("Server address"), "plant.example");
  fireEvent.changeText(screen.getByLabelText("E-mail"), email);
  fireEvent.changeText(screen.getByLabelText("Password"), password);
  await act(async () => fireEvent.press(screen.getByRole("button", { name: "Sign in" })));
}

test("a wrong password is one message", async () => {
  const code = "authentication_failed";
  signIn.mockResolvedValue(fail({ kind: "rejected", code, detail: "" }));
  open();
  await submit("engineer@plant.example", "wrong");
  expect(screen.getByText("E-mail or password is wrong.")).toBeOnTheScreen();
  expect(screen.queryByText(/Too many wrong passwords/)).toBeNull();
  expect(screen.getByLabelText("E-mail")).toHaveDisplayValue("engineer@plant.example");
});

test("a lock-out is another, with seconds that count down", async () => {
  jest.useFakeTimers();
  signIn.mockResolvedValue(fail({ kind: "locked_out", retryAfterS: 272 }));
  open();
  await submit("engineer@plant.example", "wrong");
  expect(screen.getByText(/^Too many wrong passwords: .* another 272 s\./)).toBeOnTheScreen();
  act(() => jest.advanceTimersByTime(2_000));
  expect(screen.getByText(/another 270 s\./)).toBeOnTheScreen();
  act(() => jest.advanceTimersByTime(270_000));
  expect(screen.getByText("You can try again now.")).toBeOnTheScreen();
  jest.useRealTimers();
});

test("too many attempts from a network are a third", async () => {
  signIn.mockResolvedValue(fail({ kind: "throttled", retryAfterS: 40 }));
  open();
  await submit("engineer@plant.example", "right");
  expect(screen.getByText(/^Too many attempts from this network: .* 40 s\./)).toBeOnTheScreen();
  expect(screen.queryByText(/wrong password/)).toBeNull();
});

test("the password can be shown", () => {
  open();
  expect(screen.getByLabelText("Password")).toHaveProp("secureTextEntry", true);
  fireEvent.press(screen.getByRole("button", { name: "Show the password" }));
  expect(screen.getByLabelText("Password")).toHaveProp("secureTextEntry", false);
  fireEvent.press(screen.getByRole("button", { name: "Hide the password" }));
  expect(screen.getByLabelText("Password")).toHaveProp("secureTextEntry", true);
});

test("password managers know the fields", () => {
  open();
  expect(screen.getByLabelText("E-mail")).toHaveProp("autoComplete", "username");
  expect(screen.getByLabelText("Password")).toHaveProp("autoComplete", "current-password");
});

test("an empty field and an expired session are named", async () => {
  open({ wasExpired: true });
  expect(screen.getByText(/^Your session has expired/)).toBeOnTheScreen();
  await submit("engineer@plant.example", "");
  expect(screen.getByText("Fill in every field.")).toBeOnTheScreen();
  expect(signIn).not.toHaveBeenCalled();
});
