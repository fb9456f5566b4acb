import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatClipRefusal } from "../i18n/format";
import { RecordCard } from "../recording/RecordCard";
import type { Capabilities } from "../services/server/analysisService";
import type { Problem } from "../services/server/problem";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";
import { ClipList } from "./ClipList";
import {
  type DeviceCalibrationFlow,
  type PendingClip,
} from "./useDeviceCalibration";

type Props = {
  minSeconds: number;
  limits: Capabilities["device_calibration"];
  flow: DeviceCalibrationFlow;
};

/** Recording or choosing clips of the healthy machine, and sending them. */
export function ClipCollector({ minSeconds, limits, flow }: Props): ReactElement {
  const { t } = useTranslation();
  const { clips, step, recorder, pickFiles, deleteClip, calibrate } = flow;
  const isRecording = recorder.state.step === "recording" || recorder.state.step === "opening";
  const hasEnough = clips.length >= limits.min_clips && clips.length <= limits.max_clips;
  return (
    <>
      <AppText muted>{t("calibration.why")}</AppText>
      <RecordCard
        minSeconds={minSeconds}
        recorder={recorder}
        filesLabel={t("calibration.pickFiles")}
        onPickFile={() => void pickFiles()}
        disabled={clips.length >= limits.max_clips}
      />
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
