import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { ScrollView, StyleSheet } from "react-native";

import {
  type DeviceCalibrationFlow,
  MAX_CLIPS,
  MIN_CLIPS,
  type PendingClip,
  useDeviceCalibration,
} from "./useDeviceCalibration";
import { formatCalibrationNote, formatClipRefusal } from "../i18n/format";
import type { Device, DeviceCalibration } from "../services/server/analysisService";
import type { ModelChoice } from "../services/storage/lastChoice";
import type { Problem } from "../services/server/problem";
import { SPACE } from "../ui/theme";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { CalibrationEffect } from "./CalibrationEffect";
import { ClipList } from "./ClipList";
import { CurrentCalibration } from "./CurrentCalibration";
import { Note } from "../ui/Note";
import { ProblemNote } from "../ui/ProblemNote";
import { RecordCard } from "../recording/RecordCard";
import { Sheet } from "../ui/Sheet";
import { UploadProgress } from "../recording/UploadProgress";

type Props = { device: Device; model: ModelChoice; minSeconds: number; onClose: () => void };

/** Calibrate a model for one machine, from a few recordings of it while it is healthy. */
export function CalibrationSheet({ device, model, minSeconds, onClose }: Props): ReactElement {
  const { t } = useTranslation();
  const flow = useDeviceCalibration(device.device_id, model.id);
  const { step, clips } = flow;
  const [isClosing, setIsClosing] = useState(false);
  const hasUnusedClips = step.kind !== "done" && clips.length > 0;
  const close = hasUnusedClips && !isClosing ? () => setIsClosing(true) : onClose;
  return (
    <Sheet title={t("calibration.title")} onClose={close}>
      <ScrollView contentContainerStyle={styles.content}>
        {isClosing && (
          <CloseWarning
            nClips={clips.length}
            onStay={() => setIsClosing(false)}
            onDiscard={onClose}
          />
        )}
        <AppText variant="heading">{`${device.name || device.device_id} · ${model.name}`}</AppText>
        <CurrentCalibration deviceId={device.device_id} modelId={model.id} />
        {step.kind === "collecting" && <ClipCollector minSeconds={minSeconds} flow={flow} />}
        {step.kind === "sending" && <UploadProgress fraction={step.fraction} seconds={null} />}
        {step.kind === "done" && (
          <CalibrationDone calibration={step.calibration} onClose={onClose} />
        )}
      </ScrollView>
    </Sheet>
  );
}

type CloseWarningProps = { nClips: number; onStay: () => void; onDiscard: () => void };

function CloseWarning({ nClips, onStay, onDiscard }: CloseWarningProps): ReactElement {
  const { t } = useTranslation();
  return (
    <Note urgent tone="warning" icon="warning" text={t("calibration.leave", { count: nClips })}>
      <Button variant="primary" label={t("calibration.stay")} onPress={onStay} />
      <Button variant="danger" label={t("calibration.discard")} onPress={onDiscard} />
    </Note>
  );
}

type ClipCollectorProps = { minSeconds: number; flow: DeviceCalibrationFlow };

function ClipCollector({ minSeconds, flow }: ClipCollectorProps): ReactElement {
  const { t } = useTranslation();
  const { clips, step, recorder, pickFile, deleteClip, calibrate } = flow;
  const isRecording = recorder.state.step === "recording" || recorder.state.step === "opening";
  return (
    <>
      <AppText muted>{t("calibration.why")}</AppText>
      <RecordCard
        minSeconds={minSeconds}
        recorder={recorder}
        onPickFile={() => void pickFile()}
        disabled={clips.length >= MAX_CLIPS}
      />
      <ClipList clips={clips} onDelete={deleteClip} />
      {step.kind === "collecting" && step.problem && (
        <Refusal problem={step.problem} clips={clips} onDelete={deleteClip} />
      )}
      <Button
        variant="primary"
        icon="send"
        label={t("calibration.submit", { count: clips.length })}
        disabled={clips.length < MIN_CLIPS || isRecording}
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

type DoneProps = { calibration: DeviceCalibration; onClose: () => void };

function CalibrationDone({ calibration, onClose }: DoneProps): ReactElement {
  const { t } = useTranslation();
  const { before, after } = calibration;
  const { notes } = calibration.calibration;
  return (
    <>
      <Note urgent tone="normal" icon="check" text={t("calibration.finished")} />
      {notes.map((note) => (
        <Note key={note} tone="warning" icon="warning" text={formatCalibrationNote(t, note)} />
      ))}
      <CalibrationEffect title={t("calibration.before")} effect={before} testID="effect-before" />
      <CalibrationEffect title={t("calibration.after")} effect={after} testID="effect-after" />
      <Button variant="primary" label={t("calibration.done")} onPress={onClose} />
    </>
  );
}

const styles = StyleSheet.create({ content: { gap: SPACE.m, paddingBottom: SPACE.xl } });
