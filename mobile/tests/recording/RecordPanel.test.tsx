import { act, fireEvent, screen } from "@testing-library/react-native";

import { changeLanguage } from "../../src/i18n";
import { RecordPanel } from "../../src/recording/RecordPanel";
import type { RecorderState } from "../../src/recording/useRecorder";
import { renderInApp } from "../support/renderInApp";

jest.mock("expo-keep-awake", () => ({ useKeepAwake: jest.fn() }));

type Lengths = { minSeconds: number; lengthSeconds: number | null };
const PALE = { opacity: 0.4 };
const onLength = jest.fn();

function open(lengths: Lengths, state: RecorderState = { step: "idle" }): void {
  const recorder = { state, start: jest.fn(), stop: jest.fn(), cancel: jest.fn() };
  const actions = { onLength, onRecord: jest.fn(), onPickFile: jest.fn() };
  renderInApp(<RecordPanel recorder={recorder} {...lengths} {...actions} disabled={false} />);
}

function recording(seconds: number): RecorderState {
  return { step: "recording", progress: { seconds, levelDbfs: -30 }, maxSeconds: 20 };
}

afterEach(() => act(() => changeLanguage("en")));

test("lengths that are too short for the model cannot be chosen, and a text says why", () => {
  open({ minSeconds: 15, lengthSeconds: 20 });
  expect(screen.getByRole("radio", { name: "10 s" })).toBeDisabled();
  expect(screen.getByRole("radio", { name: "20 s" })).toBeChecked();
  fireEvent.press(screen.getByRole("radio", { name: "10 s" }));
  fireEvent.press(screen.getByRole("radio", { name: "30 s" }));
  expect(onLength.mock.calls).toEqual([[30]]);
  expect(screen.getByText("This model needs 15 s or more.")).toBeOnTheScreen();
  act(() => changeLanguage("ko"));
  expect(screen.getByText("이 모델에는 15초 이상이 필요합니다.")).toBeOnTheScreen();
});

test("no text is shown when every length is long enough", () => {
  open({ minSeconds: 10, lengthSeconds: 10 });
  screen.getAllByRole("radio").forEach((each) => expect(each).toBeEnabled());
  expect(screen.queryByText(/This model needs/)).toBeNull();
});

test("when no length is long enough only a file can be chosen", () => {
  open({ minSeconds: 30.5, lengthSeconds: null });
  const fileButton = screen.getByRole("button", { name: "Choose a file" });
  expect(screen.getAllByRole("button")).toEqual([fileButton]);
  expect(screen.queryByRole("radio")).toBeNull();
  const english = /needs 30\.5 s or more, which is longer than the app records\. Choose a file/;
  expect(screen.getByText(english)).toBeOnTheScreen();
  act(() => changeLanguage("ko"));
  const korean = /30\.5초 이상이 필요하며, 앱에서는 그만큼 길게 녹음할 수 없습니다/;
  expect(screen.getByText(korean)).toBeOnTheScreen();
});

test.each([
  [0, 1],
  [15, 15],
])("with a model that needs %p s recording can be stopped after %p s", (minSeconds, from) => {
  open({ minSeconds, lengthSeconds: 20 }, recording(from - 0.1));
  expect(screen.getByRole("button", { name: "Stop" })).toHaveStyle(PALE);
  screen.unmount();
  open({ minSeconds, lengthSeconds: 20 }, recording(from));
  expect(screen.getByRole("button", { name: "Stop" })).not.toHaveStyle(PALE);
  expect(screen.getByText(new RegExp(`You can stop it after ${from} s\\.`))).toBeOnTheScreen();
});

test("a recording that has started continues when the model turns out to need more", () => {
  open({ minSeconds: 40, lengthSeconds: null }, recording(12));
  expect(screen.getByText("12.0 s of 20 s")).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "Stop" })).toBeOnTheScreen();
});
