import { act, fireEvent, screen } from "@testing-library/react-native";

import { RecordPanel } from "../src/components/RecordPanel";
import type { RecorderState } from "../src/hooks/useRecorder";
import { speak } from "../src/i18n";
import { show } from "./renderInApp";

jest.mock("expo-keep-awake", () => ({ useKeepAwake: jest.fn() }));

type Lengths = { leastSeconds: number; lengthSeconds: number | null };
const PALE = { opacity: 0.4 };
const onLength = jest.fn();

function open(lengths: Lengths, state: RecorderState = { step: "idle" }): void {
  const recorder = { state, start: jest.fn(), stop: jest.fn(), cancel: jest.fn() };
  const actions = { onLength, onRecord: jest.fn(), onPickFile: jest.fn() };
  show(<RecordPanel recorder={recorder} {...lengths} {...actions} disabled={false} />);
}

function recording(seconds: number): RecorderState {
  return { step: "recording", heard: { seconds, levelDbfs: -30 }, maxSeconds: 20 };
}

afterEach(() => act(() => speak("en")));

test("lengths that the model would refuse cannot be chosen, and it is told why", () => {
  open({ leastSeconds: 15, lengthSeconds: 20 });
  expect(screen.getByRole("radio", { name: "10 s" })).toBeDisabled();
  expect(screen.getByRole("radio", { name: "20 s" })).toBeChecked();
  fireEvent.press(screen.getByRole("radio", { name: "10 s" }));
  fireEvent.press(screen.getByRole("radio", { name: "30 s" }));
  expect(onLength.mock.calls).toEqual([[30]]);
  expect(screen.getByText("This model needs 15 s or more.")).toBeOnTheScreen();
  act(() => speak("ko"));
  expect(screen.getByText("이 모델에는 15초 이상이 필요합니다.")).toBeOnTheScreen();
});

test("a model that all lengths are enough for says nothing of them", () => {
  open({ leastSeconds: 10, lengthSeconds: 10 });
  screen.getAllByRole("radio").forEach((each) => expect(each).toBeEnabled());
  expect(screen.queryByText(/This model needs/)).toBeNull();
});

test("where none is enough a file can be chosen, and nothing else", () => {
  open({ leastSeconds: 30.5, lengthSeconds: null });
  expect(screen.getAllByRole("button")).toEqual([screen.getByRole("button", { name: "Choose a file" })]);
  expect(screen.queryByRole("radio")).toBeNull();
  expect(screen.getByText(/needs 30\.5 s or more, which cannot be recorded here\. Choose a file/)).toBeOnTheScreen();
  act(() => speak("ko"));
  expect(screen.getByText(/30\.5초 이상이 필요하며, 여기서는 그만큼 녹음할 수 없습니다/)).toBeOnTheScreen();
});

test.each([
  [0, 2],
  [15, 15],
])("with a model that needs %p s one can stop from %p s on", (leastSeconds, from) => {
  open({ leastSeconds, lengthSeconds: 20 }, recording(from - 0.1));
  expect(screen.getByRole("button", { name: "Stop" })).toHaveStyle(PALE);
  screen.unmount();
  open({ leastSeconds, lengthSeconds: 20 }, recording(from));
  expect(screen.getByRole("button", { name: "Stop" })).not.toHaveStyle(PALE);
  expect(screen.getByText(`It stops by itself. You can stop from ${from} s on.`)).toBeOnTheScreen();
});

test("a recording that has begun is seen to its end, whatever is learnt of the model meanwhile", () => {
  open({ leastSeconds: 40, lengthSeconds: null }, recording(12));
  expect(screen.getByText("12.0 s of 20 s")).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "Stop" })).toBeOnTheScreen();
});
