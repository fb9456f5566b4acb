import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { Note } from "../ui/Note";
import type { Diagnosis } from "./useDiagnosis";

/** Why there is no model to record for. */
export function ModelNote({ diagnosis }: { diagnosis: Diagnosis }): ReactElement | null {
  const { t } = useTranslation();
  const { device, model, withdrawnModel, uncalibratedModel } = diagnosis;
  if (withdrawnModel) {
    const text = t("diagnose.modelWithdrawn", { name: withdrawnModel.name });
    return <Note tone="warning" icon="warning" text={text} />;
  }
  if (uncalibratedModel) {
    const text = t("diagnose.modelNotCalibrated", { name: uncalibratedModel.name });
    return <Note tone="warning" icon="warning" text={text} />;
  }
  if (model) return null;
  return <Note text={t(device ? "diagnose.modelFirst" : "diagnose.machineFirst")} />;
}
