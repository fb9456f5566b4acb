import { fireEvent, screen } from "@testing-library/react-native";

import { MachineList } from "../../src/devices/MachineList";
import { AnalysisService, type Device } from "../../src/services/server/analysisService";
import { OFFLINE, fail, succeed } from "../../src/services/server/problem";
import { beginSession } from "../../src/services/server/session";
import { SESSION, device } from "../support/examples";
import { renderInApp } from "../support/renderInApp";

const onSelect = jest.fn();
const getDevices = jest.spyOn(AnalysisService, "getDevices");
const LAST = { analysis_id: "", label: "WARNING", health_score: 50 } as const;

async function open(devices: Device[]): Promise<void> {
  await beginSession(SESSION);
  getDevices.mockResolvedValue(succeed(devices));
  renderInApp(<MachineList selected={null} onSelect={onSelect} />);
}

test("machines are listed with their last verdicts, and one is chosen", async () => {
  const pump = device("pump-07", {
    name: "Cooling water pump 7",
    last_verdict: { ...LAST, created_at: "2026-08-01T00:31:00Z" },
  });
  await open([pump, device("fan-02", { name: "Exhaust fan 2", machine_type: "fan" })]);
  const row = await screen.findByTestId("device-pump-07");
  expect(row).toHaveTextContent(/Cooling water pump 7.*Pump · Warning, .*2026/);
  expect(screen.getByTestId("device-fan-02")).toHaveTextContent(/Fan · Never recorded/);
  fireEvent.press(row);
  expect(onSelect).toHaveBeenCalledWith(pump);
});

test("no machine can be chosen, too", async () => {
  await open([device("pump-07")]);
  fireEvent.press(await screen.findByText("No machine"));
  expect(onSelect).toHaveBeenLastCalledWith(null);
});

test("many machines are searched by name and label", async () => {
  const many = Array.from({ length: 9 }, (_, n) => device(`p-${n}`, { name: `Pump ${n}` }));
  await open([...many, device("fan-02", { name: "Exhaust fan" })]);
  fireEvent.changeText(await screen.findByLabelText("Find a machine"), "EXHAUST");
  expect(screen.getAllByTestId(/^device-/)).toHaveLength(1);
  fireEvent.changeText(screen.getByLabelText("Find a machine"), "nothing like it");
  expect(screen.getByText("No machine has a matching name.")).toBeOnTheScreen();
});

test("without machines or server the list says so", async () => {
  await open([]);
  expect(await screen.findByText(/No machines have been added yet/)).toBeOnTheScreen();
  screen.unmount();
  getDevices.mockResolvedValue(fail(OFFLINE));
  renderInApp(<MachineList selected={null} onSelect={onSelect} />);
  expect(await screen.findByText(/The server cannot be reached\. Check/)).toBeOnTheScreen();
});
