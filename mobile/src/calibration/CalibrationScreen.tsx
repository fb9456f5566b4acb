import { type RouteProp, useRoute } from "@react-navigation/native";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useDevices } from "../devices/useDevices";
import { useModels } from "../models/useModels";
import { type Routes, useLeave } from "../navigation/routes";
import { useCapabilities } from "../queries/useCapabilities";
import { UploadProgress } from "../recording/UploadProgress";
import { getMinSeconds } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Loading } from "../ui/Loading";
import { Note } from "../ui/Note";
import { Page } from "../ui/Page";
import { CalibrationDone } from "./CalibrationDone";
import { ClipCollector } from "./ClipCollector";
import { ClipRecorder } from "./ClipRecorder";
import { CurrentCalibration } from "./CurrentCalibration";
import { type DeviceCalibrationFlow, useDeviceCalibration } from "./useDeviceCalibration";
import { type LeaveGuard, useLeaveGuard } from "./useLeaveGuard";

/** Calibrate a model for one machine, from a few recordings of it while it is healthy. */
export function CalibrationScreen(): ReactElement {
  const { deviceId, modelId } = useRoute<RouteProp<Routes, "Calibration">>().params;
  const device = useDevices().value?.find((each) => each.device_id === deviceId);
  const model = useModels().value?.find((each) => each.id === modelId);
  const flow = useDeviceCalibration(deviceId, modelId);
  const { step, clips } = flow;
  const guard = useLeaveGuard(step.kind !== "done" && clips.length > 0);
  const title = `${device?.name || deviceId} · ${model?.name ?? modelId}`;
  return (
    <Page aside={<Step flow={flow} />}>
      <LeaveWarning nClips={clips.length} guard={guard} />
      <AppText variant="heading">{title}</AppText>
      <CurrentCalibration deviceId={deviceId} modelId={modelId} />
      {step.kind === "collecting" && (
        <ClipRecorder minSeconds={model ? getMinSeconds(model) : 0} flow={flow} />
      )}
    </Page>
  );
}

/** The recordings so far, their way to the server, and what they changed. */
function Step({ flow }: { flow: DeviceCalibrationFlow }): ReactElement {
  const { t } = useTranslation();
  const limits = useCapabilities();
  const leave = useLeave();
  const { step } = flow;
  switch (step.kind) {
    case "collecting":
      return limits ? (
        <ClipCollector limits={limits.device_calibration} flow={flow} />
      ) : (
        <Loading text={t("calibration.loading")} />
      );
    case "sending":
      return <UploadProgress fraction={step.fraction} seconds={null} />;
    case "done":
      return <CalibrationDone calibration={step.calibration} onClose={leave} />;
  }
}

type LeaveWarningProps = { nClips: number; guard: LeaveGuard };

function LeaveWarning({ nClips, guard }: LeaveWarningProps): ReactElement | null {
  const { t } = useTranslation();
  if (!guard.isAsking) return null;
  return (
    <Note urgent tone="warning" icon="warning" text={t("calibration.leave", { count: nClips })}>
      <Button variant="primary" label={t("calibration.stay")} onPress={guard.stay} />
      <Button variant="danger" label={t("calibration.discard")} onPress={guard.leave} />
    </Note>
  );
}
