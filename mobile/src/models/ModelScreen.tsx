import type { ReactElement } from "react";

import { useSharedDiagnosis } from "../diagnosis/DiagnosisContext";
import { useAppNavigation, useLeave } from "../navigation/routes";
import { ModelList } from "./ModelList";

/** Choose the model for the next recordings. */
export function ModelScreen(): ReactElement {
  const { device, model, chooseModel } = useSharedDiagnosis();
  const navigation = useAppNavigation();
  const leave = useLeave();
  return (
    <ModelList
      deviceType={device?.machine_type ?? null}
      selectedId={model?.id ?? null}
      onSelect={(chosen) => {
        chooseModel(chosen);
        leave();
      }}
      onSuggest={() => navigation.navigate("Suggestion")}
    />
  );
}
