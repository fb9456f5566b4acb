import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatClipRefusal } from "../i18n/format";
import type { Capabilities } from "../services/server/analysisService";
import type { Problem } from "../services/server/problem";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";
import { ClipList } from "./ClipList";
import {
  type DeviceCalibrationFlow,
  type PendingClip,
} from "./useDeviceCalibration";

type Props = {
  limits: Capabilities["device_calibration"];
  flow: DeviceCalibrationFlow;
};

/** The clips of the healthy machine so far, and sending them. */
export function ClipCollector({ limits, flow }: Props): ReactElement {
  const { t } = useTranslation();
  const { clips, step, recorder, deleteClip, calibrate } = flow;
  const isRecording = recorder.state.step === "recording" || recorder.state.step === "opening";
  const hasEnough = clips.length >= limits.min_clips && clips.length <= limits.max_clips;
  return (
    <>
      <ClipList clips={clips} limits={limits} onDelete={deleteClip} />
      {step.kind === "collecting" && step.problem && (
        <Refusal problem={step.problem} clips={clips} onDelete={deleteClip} />
      )}
      <Button
        variant="primary"
        icon="send"
        label={t("calibration.submit", { count: clips.length })}
        disabled={!hasEnough || isRecording}
        onPress={() => void calibrate()}
      />
    </>
  );
}

type RefusalProps = {
  problem: Problem;
  clips: PendingClip[];
  onDelete: (clip: PendingClip) => void;
};

/** Why the server refused; where one recording is at fault, it can be deleted here. */
function Refusal({ problem, clips, onDelete }: RefusalProps): ReactElement {
  const { t } = useTranslation();
  const number = problem.kind === "rejected" ? problem.clip : undefined;
  const clip = number === undefined ? undefined : clips[number - 1];
  if (problem.kind !== "rejected" || number === undefined || !clip) {
    return <ProblemNote problem={problem} />;
  }
  return (
    <Note
      urgent
      tone="critical"
      icon="warning"
      text={formatClipRefusal(t, problem.code, number)}
    >
      <Button
        variant="danger"
        icon="trash"
        label={t("calibration.deleteClip", { number })}
        onPress={() => onDelete(clip)}
      />
    </Note>
  );
}
