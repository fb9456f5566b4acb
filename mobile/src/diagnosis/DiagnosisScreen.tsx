import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useCanCalibrate } from "../calibration/useCanCalibrate";
import { useAppNavigation } from "../navigation/routes";
import { DeliveryNote } from "../outbox/DeliveryNote";
import { OutboxCard } from "../outbox/OutboxCard";
import { RecordPanel } from "../recording/RecordPanel";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { ChoiceRow } from "../ui/ChoiceRow";
import { FoldedChoice } from "../ui/FoldedChoice";
import { Page } from "../ui/Page";
import { useSharedDiagnosis } from "./DiagnosisContext";
import { DemoButtons } from "./DemoButtons";
import { DiagnosisResult } from "./DiagnosisResult";
import { ModelNote } from "./ModelNote";
import type { Diagnosis } from "./useDiagnosis";

/** Choose a machine and a model, record, and read the verdict. */
export function DiagnosisScreen(): ReactElement {
  const diagnosis = useSharedDiagnosis();
  const { step } = diagnosis;
  const isReady = step.kind === "ready" || step.kind === "not_stored";
  return (
    <Page
      aside={
        <>
          {isReady && <RecordCard diagnosis={diagnosis} />}
          <CalibrationButton diagnosis={diagnosis} />
          <DiagnosisResult diagnosis={diagnosis} />
          <OutboxCard model={diagnosis.model} onResend={diagnosis.resend} />
        </>
      }
    >
      <Choices diagnosis={diagnosis} />
      <ModelNote diagnosis={diagnosis} />
      <DeliveryNote />
    </Page>
  );
}

type Props = { diagnosis: Diagnosis };

function Choices({ diagnosis }: Props): ReactElement {
  const { t } = useTranslation();
  const navigation = useAppNavigation();
  const { device, model, isMachinesOwn } = diagnosis;
  const isBusy = getIsBusy(diagnosis);
  const openModels = (): void => navigation.navigate("Model");
  return (
    <>
      <ChoiceRow
        icon="machine"
        label={t("diagnose.device")}
        value={device ? device.name || device.device_id : t("diagnose.anyDevice")}
        disabled={isBusy}
        onPress={() => navigation.navigate("Machine")}
      />
      {model && isMachinesOwn ? (
        <FoldedChoice
          label={t("diagnose.model")}
          value={model.name}
          why={t("diagnose.machinesOwn")}
          action={t("diagnose.change")}
          disabled={isBusy}
          onPress={openModels}
        />
      ) : (
        <ChoiceRow
          icon="wave"
          label={t("diagnose.model")}
          value={model?.name ?? t("diagnose.noModel")}
          isMissing={!model}
          disabled={isBusy}
          onPress={openModels}
        />
      )}
    </>
  );
}

function RecordCard({ diagnosis }: Props): ReactElement {
  return (
    <Card>
      <RecordPanel
        recorder={diagnosis.recorder}
        minSeconds={diagnosis.minSeconds}
        lengthSeconds={diagnosis.lengthSeconds}
        onLength={diagnosis.setLengthSeconds}
        onRecord={diagnosis.record}
        onPickFile={() => void diagnosis.pickFile()}
        disabled={!diagnosis.model}
      />
      {!getIsBusy(diagnosis) && <DemoButtons diagnosis={diagnosis} />}
    </Card>
  );
}

function CalibrationButton({ diagnosis }: Props): ReactElement | null {
  const { t } = useTranslation();
  const navigation = useAppNavigation();
  const canCalibrate = useCanCalibrate();
  const { device, model, step } = diagnosis;
  const isPossible = canCalibrate && step.kind === "ready" && !getIsBusy(diagnosis);
  if (!device || !model || !isPossible) return null;
  const params = { deviceId: device.device_id, modelId: model.id };
  return (
    <Button
      variant="quiet"
      icon="settings"
      label={t("calibration.open")}
      onPress={() => navigation.navigate("Calibration", params)}
    />
  );
}

/** Whether a recording is being made or sent: what it is for must not change. */
function getIsBusy({ recorder, step }: Diagnosis): boolean {
  const isRecording = recorder.state.step === "recording" || recorder.state.step === "opening";
  return isRecording || step.kind === "sending";
}
