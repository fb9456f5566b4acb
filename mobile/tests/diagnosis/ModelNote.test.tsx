import { act, screen } from "@testing-library/react-native";

import { ModelNote } from "../../src/diagnosis/ModelNote";
import type { Diagnosis } from "../../src/diagnosis/useDiagnosis";
import { changeLanguage } from "../../src/i18n";
import { renderInApp } from "../support/renderInApp";

function show(part: object): void {
  const diagnosis = { device: null, model: null, ...part } as unknown as Diagnosis;
  renderInApp(<ModelNote diagnosis={diagnosis} />);
}

afterEach(() => act(() => changeLanguage("en")));

test("who has chosen nothing is asked for the machine, which brings its model", () => {
  show({});
  expect(screen.getByText(/^Choose the machine, which brings its model/)).toBeOnTheScreen();
});

test("who has chosen a machine without a model is asked for the model", () => {
  show({ device: { device_id: "pump-07" } });
  expect(screen.getByText(/^Choose the model for this machine/)).toBeOnTheScreen();
});

test("it is said in Korean, too", async () => {
  await act(() => changeLanguage("ko"));
  show({});
  expect(screen.getByText(/설비를 선택하면 모델도/)).toBeOnTheScreen();
});
