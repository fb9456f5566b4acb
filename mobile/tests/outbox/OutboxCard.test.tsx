import { act, fireEvent, screen } from "@testing-library/react-native";

import { OutboxCard } from "../../src/outbox/OutboxCard";
import { outbox } from "../../src/services/outbox/outbox";
import { outboxStore } from "../../src/services/outbox/outboxStore";
import { AnalysisService } from "../../src/services/server/analysisService";
import { OFFLINE, type Problem, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { CLIP, SESSION, device, outboxItem } from "../support/examples";
import { renderInApp } from "../support/renderInApp";

const OTHER = { id: "other", name: "Other model" };
const onResend = jest.fn();

async function open(refusal: Problem | null): Promise<void> {
  await beginSession(SESSION);
  const machine = device("pump-07", { name: "Cooling water pump 7" });
  jest.spyOn(AnalysisService, "getDevices").mockResolvedValue(succeed([machine]));
  jest.spyOn(AnalysisService, "getAvailableModels").mockResolvedValue(fail(OFFLINE));
  await outbox.add(outboxItem("a", { refusal, deviceId: "pump-07" }), CLIP);
  renderInApp(<OutboxCard model={OTHER} onResend={onResend} />);
  await act(async () => undefined);
}

afterEach(() => act(() => outbox.remove("a")));

test("a waiting recording is shown by the names of model and machine", async () => {
  await open(null);
  expect(await screen.findByText("Pump · Cooling water pump 7")).toBeOnTheScreen();
  expect(screen.getByText(/Waiting for the server/)).toBeOnTheScreen();
  expect(screen.getByRole("button", { name: "Send now" })).toBeOnTheScreen();
});

test("one whose model was refused can be sent with the model chosen now", async () => {
  await open({ kind: "rejected", code: "model_inactive", detail: "" });
  fireEvent.press(screen.getByRole("button", { name: "Send with Other model" }));
  expect(onResend).toHaveBeenCalledWith(expect.objectContaining({ key: "a" }));
});

test("one that is at fault itself can only be deleted, after asking", async () => {
  await open({ kind: "rejected", code: "silent", detail: "" });
  expect(screen.queryByRole("button", { name: /Send|Try again/ })).toBeNull();
  fireEvent.press(screen.getByRole("button", { name: "Delete" }));
  expect(screen.getByText("Delete this recording?")).toBeOnTheScreen();
  await act(async () => fireEvent.press(screen.getByRole("button", { name: "Delete" })));
  expect(screen.queryByTestId("outbox-item")).toBeNull();
});

test("a damaged one is marked and can be deleted, and the others stay", async () => {
  const { list } = outboxStore;
  jest.spyOn(outboxStore, "list").mockImplementation(async () => ({
    items: (await list.call(outboxStore)).items,
    damagedKeys: ["cut"],
  }));
  await open(null);
  expect(screen.getByText("This recording is damaged and cannot be read any more.")).toBeTruthy();
  expect(screen.getAllByTestId("outbox-item")).toHaveLength(1);
  expect(screen.getByText("2 recordings on this device")).toBeOnTheScreen();
  jest.spyOn(outboxStore, "list").mockRestore();
  const [first] = screen.getAllByRole("button", { name: "Delete" });
  await act(async () => first && fireEvent.press(first));
  expect(screen.queryByTestId("outbox-damaged")).toBeNull();
  expect(screen.getAllByTestId("outbox-item")).toHaveLength(1);
});
