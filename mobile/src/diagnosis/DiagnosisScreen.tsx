import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "../ui/Button";
import { CalibrationSheet } from "../calibration/CalibrationSheet";
import { Card } from "../ui/Card";
import { ChoiceRow } from "../ui/ChoiceRow";
import { DeliveryNote } from "../outbox/DeliveryNote";
import { DevicePicker } from "../devices/DevicePicker";
import { DiagnosisResult } from "./DiagnosisResult";
import { ModelSelector } from "../models/ModelSelector";
import { Note } from "../ui/Note";
import { OutboxCard } from "../outbox/OutboxCard";
import { Page } from "../ui/Page";
import { RecordPanel } from "../recording/RecordPanel";
import { useCanCalibrate } from "../calibration/useCanCalibrate";
import { type Diagnosis, useDiagnosisLogic } from "./useDiagnosisLogic";

type Props = { onOpen: (analysisId: string) => void };
type SheetName = "device" | "model" | "calibration";

export function DiagnosisScreen({ onOpen }: Props): ReactElement {
  const { t } = useTranslation();
  const diagnosis = useDiagnosisLogic();
  const { device, model, recorder, step } = diagnosis;
  const [openSheet, setOpenSheet] = useState<SheetName | null>(null);
  const canCalibrate = useCanCalibrate();
  const isRecording = recorder.state.step === "recording" || recorder.state.step === "opening";
  const isBusy = isRecording || step.kind === "sending";
  const canOpenCalibration = canCalibrate && step.kind === "ready" && !isBusy;

  return (
    <Page>
      <ChoiceRow
        icon="machine"
        label={t("diagnose.device")}
        value={device ? device.name || device.device_id : t("diagnose.anyDevice")}
        disabled={isBusy}
        onPress={() => setOpenSheet("device")}
      />
      <ChoiceRow
        icon="wave"
        label={t("diagnose.model")}
        value={model?.name ?? t("diagnose.noModel")}
        isMissing={!model}
        disabled={isBusy}
        onPress={() => setOpenSheet("model")}
      />
      <ModelNote diagnosis={diagnosis} />
      <DeliveryNote onOpen={onOpen} />
      {(step.kind === "ready" || step.kind === "not_stored") && (
        <Card>
          <RecordPanel
            recorder={recorder}
            minSeconds={diagnosis.minSeconds}
            lengthSeconds={diagnosis.lengthSeconds}
            onLength={diagnosis.setLengthSeconds}
            onRecord={diagnosis.record}
            onPickFile={() => void diagnosis.pickFile()}
            disabled={!model}
          />
        </Card>
      )}
      <DiagnosisResult diagnosis={diagnosis} />
      {device && model && canOpenCalibration && (
        <Button
          variant="quiet"
          icon="settings"
          label={t("calibration.open")}
          onPress={() => setOpenSheet("calibration")}
        />
      )}
      <OutboxCard model={model} onResend={diagnosis.resend} />
      <OpenSheet name={openSheet} diagnosis={diagnosis} onClose={() => setOpenSheet(null)} />
    </Page>
  );
}

/** Say why there is no model to record for. */
function ModelNote({ diagnosis }: { diagnosis: Diagnosis }): ReactElement | null {
  const { t } = useTranslation();
  const { model, withdrawnModel, uncalibratedModel } = diagnosis;
  if (withdrawnModel) {
    const text = t("diagnose.modelWithdrawn", { name: withdrawnModel.name });
    return <Note tone="warning" icon="warning" text={text} />;
  }
  if (uncalibratedModel) {
    const text = t("diagnose.modelNotCalibrated", { name: uncalibratedModel.name });
    return <Note tone="warning" icon="warning" text={text} />;
  }
  return model ? null : <Note text={t("diagnose.modelFirst")} />;
}

type OpenSheetProps = { name: SheetName | null; diagnosis: Diagnosis; onClose: () => void };

function OpenSheet({ name, diagnosis, onClose }: OpenSheetProps): ReactElement | null {
  const { device, model, minSeconds } = diagnosis;
  if (name === "calibration" && device && model) {
    return (
      <CalibrationSheet device={device} model={model} minSeconds={minSeconds} onClose={onClose} />
    );
  }
  if (name === "device") {
    return (
      <DevicePicker
        selected={device}
        onClose={onClose}
        onSelect={(chosen) => {
          diagnosis.chooseDevice(chosen);
          onClose();
        }}
      />
    );
  }
  if (name === "model") {
    return (
      <ModelSelector
        deviceType={device?.machine_type ?? null}
        selectedId={model?.id ?? null}
        onClose={onClose}
        onSelect={(chosen) => {
          diagnosis.chooseModel(chosen);
          onClose();
        }}
      />
    );
  }
  return null;
}
