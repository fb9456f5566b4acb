import { act, fireEvent, render, screen } from "@testing-library/react-native";

import { ModelList } from "../../src/models/ModelList";
import { queryClient } from "../../src/queries/query";
import { AnalysisService, type Model } from "../../src/services/server/analysisService";
import { OFFLINE, type Outcome, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { SESSION, model } from "../support/examples";
import { AppProviders, renderInApp } from "../support/renderInApp";

const { clearItems } = jest.requireMock<{ clearItems: () => void }>(
  "../../src/services/storage/storage",
);
const offered = jest.spyOn(AnalysisService, "getAvailableModels");

function offer(models: Model[]): void {
  offered.mockImplementation(async (type) =>
    succeed(models.filter((each) => type === undefined || each.machine_type === type)),
  );
}

function open(deviceType: string | null = null): { onSelect: jest.Mock } {
  const onSelect = jest.fn();
  renderInApp(<ModelList {...PROPS} deviceType={deviceType} onSelect={onSelect} />);
  return { onSelect };
}

const PROPS = { deviceType: null, selectedId: "b", onSelect: jest.fn(), onSuggest: jest.fn() };
const capabilities = jest.spyOn(AnalysisService, "getCapabilities");

beforeEach(async () => {
  capabilities.mockResolvedValue(fail(OFFLINE));
  clearItems();
  await beginSession(SESSION);
});

test("the models of the server are listed with their details", async () => {
  const described = { is_default: true, is_recommended: true, description: "Cooling water." };
  offer([model("b"), model("a", described), model("c", { is_tested: false, metrics: {} })]);
  const { onSelect } = open();
  const options = await screen.findAllByTestId(/^model-/);
  expect(options).toHaveLength(3);
  const name = "Model a.*Cooling water\\.";
  const tags = "Recommended.*Finds 91 % of test faults.*False alarms 4 %";
  const training = "Trained .*2026.* on 48 recordings, 12 recording sessions";
  const method = "Pump · isolation forest";
  expect(options[0]).toHaveTextContent(new RegExp([name, tags, training, method].join(".*"), "s"));
  expect(options[1]).toBeChecked();
  expect(options[2]).not.toHaveTextContent(/Finds/);
  expect(options[2]).toHaveTextContent(/on 48 recordings/);
  expect(options[2]).not.toHaveTextContent(/sessions/);
  expect(options[2]).toHaveTextContent(/Not tested with faults/);
  expect(options[1]).not.toHaveTextContent(/Not tested/);
  fireEvent.press(screen.getByText("Model a"));
  expect(onSelect).toHaveBeenCalledWith(expect.objectContaining({ id: "a" }));
});

test("an uncalibrated model is listed with a hint and cannot be chosen", async () => {
  offer([model("old", { is_calibrated: false }), model("a")]);
  const { onSelect } = open();
  const row = await screen.findByTestId("model-old");
  expect(row).toHaveTextContent(/Not calibrated yet: ask a curator\./);
  expect(row).toBeDisabled();
  fireEvent.press(screen.getByText("Model old"));
  expect(onSelect).not.toHaveBeenCalled();
  expect(screen.getByTestId("model-a")).toBeEnabled();
  expect(screen.getByTestId("model-a")).not.toHaveTextContent(/Not calibrated/);
  expect(screen.getAllByTestId(/^model-/).at(-1)).toBe(row);
});

test("the list starts with the type of the chosen machine", async () => {
  offer([model("a"), model("f", { machine_type: "fan" })]);
  open("fan");
  expect(await screen.findByText("Model f")).toBeOnTheScreen();
  expect(screen.queryByText("Model a")).toBeNull();
  fireEvent.press(screen.getByRole("radio", { name: "All types" }));
  expect(await screen.findByText("Model a")).toBeOnTheScreen();
});

test("an empty server explains how models appear", async () => {
  offer([]);
  open();
  expect(await screen.findByText(/offers no models yet/)).toBeOnTheScreen();
});

test("a type without models points to the other types", async () => {
  offer([model("a")]);
  open("gearbox");
  expect(await screen.findByText(/No model for this machine type/)).toBeOnTheScreen();
  expect(screen.getByRole("radio", { name: "All types" })).toBeOnTheScreen();
});

test.each([true, false])("suggestions are offered where the server gives them: %p", async (can) => {
  offer([model("a")]);
  open();
  if (!can) act(() => queryClient.removeQueries({ queryKey: ["capabilities"] }));
  screen.rerender(<ModelList {...PROPS} />);
  await screen.findByText("Model a");
  expect(screen.queryAllByText("Suggest a model by sound")).toHaveLength(can ? 1 : 0);
});

test("loading is shown", async () => {
  let answer: (outcome: Outcome<Model[]>) => void = () => undefined;
  offered.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
  open();
  expect(screen.getByText("Loading the models…")).toBeOnTheScreen();
  answer(succeed([]));
  await screen.findByText(/offers no models yet/);
});

test("while the server is away the stored list is shown with a retry button", async () => {
  offer([model("a")]);
  open();
  await screen.findByText("Model a");
  screen.unmount();

  offered.mockResolvedValue(fail(OFFLINE));
  render(<ModelList {...PROPS} />, { wrapper: AppProviders });
  expect(await screen.findByText(/cannot be reached\. This is what it sent on/)).toBeOnTheScreen();
  expect(screen.getByText("Model a")).toBeOnTheScreen();

  offer([model("a"), model("new")]);
  fireEvent.press(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Model new")).toBeOnTheScreen();
});

test("a refusal is shown as the text of its code", async () => {
  offered.mockResolvedValue(fail({ kind: "rejected", code: "permission_denied", detail: "" }));
  open();
  expect(await screen.findByText(/Your account may not do this/)).toBeOnTheScreen();
});
