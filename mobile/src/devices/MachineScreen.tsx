import type { ReactElement } from "react";

import { useSharedDiagnosis } from "../diagnosis/DiagnosisContext";
import { useLeave } from "../navigation/routes";
import { MachineList } from "./MachineList";

/** Choose the machine for the next recordings. */
export function MachineScreen(): ReactElement {
  const { device, chooseDevice } = useSharedDiagnosis();
  const leave = useLeave();
  return (
    <MachineList
      selected={device}
      onSelect={(chosen) => {
        chooseDevice(chosen);
        leave();
      }}
    />
  );
}
