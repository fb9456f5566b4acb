import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "../components/Button";
import { CalibrationSheet } from "../components/CalibrationSheet";
import { Card } from "../components/Card";
import { ChoiceRow } from "../components/ChoiceRow";
import { Deliveries } from "../components/DeliveryNote";
import { DevicePicker } from "../components/DevicePicker";
import { DiagnosisResult } from "../components/DiagnosisResult";
import { ModelSelector } from "../components/ModelSelector";
import { Note } from "../components/Note";
import { OutboxCard } from "../components/OutboxCard";
import { Page } from "../components/Page";
import { RecordPanel } from "../components/RecordPanel";
import { useDiagnosisLogic } from "../hooks/useDiagnosisLogic";
import { useMayCalibrate } from "../hooks/useCanCalibrate";

type Props = { onOpen: (analysisId: string) => void };

export function DiagnosisScreen({ onOpen }: Props): ReactElement {
  const { t } = useTranslation();
  const diagnosis = useDiagnosisLogic();
  const { device, model, goneModel, uncalibratedModel, recorder, step } = diagnosis;
  const [choosing, setChoosing] = useState<"device" | "model" | "calibration" | null>(null);
  const mayCalibrate = useMayCalibrate();
  const close = (): void => setChoosing(null);
  const isBusy = recorder.state.step === "recording" || recorder.state.step === "opening" || step.kind === "sending";

  return (
    <Page>
      <ChoiceRow
        icon="machine"
        label={t("diagnose.device")}
        value={device ? device.name || device.device_id : t("diagnose.anyDevice")}
        disabled={isBusy}
        onPress={() => setChoosing("device")}
      />
      <ChoiceRow
        icon="wave"
        label={t("diagnose.model")}
        value={model?.name ?? t("diagnose.noModel")}
        isMissing={!model}
        disabled={isBusy}
        onPress={() => setChoosing("model")}
      />
      {goneModel && (
        <Note tone="warning" icon="warning" text={t("diagnose.modelGone", { name: goneModel.name })} />
      )}
      {uncalibratedModel && (
        <Note tone="warning" icon="warning" text={t("diagnose.modelNotCalibrated", { name: uncalibratedModel.name })} />
      )}
      {!model && !goneModel && !uncalibratedModel && <Note text={t("diagnose.modelFirst")} />}
      <Deliveries onOpen={onOpen} />
      {(step.kind === "ready" || step.kind === "unkept") && (
        <Card>
          <RecordPanel
            recorder={recorder}
            leastSeconds={diagnosis.leastSeconds}
            lengthSeconds={diagnosis.lengthSeconds}
            onLength={diagnosis.setLengthSeconds}
            onRecord={diagnosis.record}
            onPickFile={() => void diagnosis.pickFile()}
            disabled={!model}
          />
        </Card>
      )}
      <DiagnosisResult diagnosis={diagnosis} />
      {device && model && mayCalibrate && step.kind === "ready" && !isBusy && (
        <Button kind="quiet" icon="settings" label={t("calibration.open")} onPress={() => setChoosing("calibration")} />
      )}
      <OutboxCard model={model} onResend={diagnosis.resend} />
      {choosing === "calibration" && device && model && (
        <CalibrationSheet device={device} model={model} leastSeconds={diagnosis.leastSeconds} onClose={close} />
      )}
      {choosing === "device" && (
        <DevicePicker
          selected={device}
          onClose={close}
          onSelect={(chosen) => {
            diagnosis.chooseDevice(chosen);
            close();
          }}
        />
      )}
      {choosing === "model" && (
        <ModelSelector
          deviceType={device?.machine_type ?? null}
          selectedId={model?.id ?? null}
          onClose={close}
          onSelect={(chosen) => {
            diagnosis.chooseModel(chosen);
            close();
          }}
        />
      )}
    </Page>
  );
}
