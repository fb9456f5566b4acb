import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { ScrollView, StyleSheet } from "react-native";

import { type DeviceCalibrating, LEAST_CLIPS, MOST_CLIPS, type Take, useDeviceCalibration } from "../hooks/useDeviceCalibration";
import { calibrationNoteWords, clipRefusalWords } from "../i18n/format";
import type { Device, DeviceCalibration } from "../services/analysisService";
import type { ModelChoice } from "../services/lastChoice";
import type { Problem } from "../services/problem";
import { SPACE } from "../theme";
import { Button } from "./Button";
import { CalibrationEffect } from "./CalibrationEffect";
import { Note } from "./Note";
import { PresentCalibration } from "./CurrentCalibration";
import { ProblemNote } from "./ProblemNote";
import { RecordCard } from "./RecordCard";
import { Sheet } from "./Sheet";
import { TakeList } from "./ClipList";
import { UploadProgress } from "./UploadProgress";
import { Words } from "./AppText";

type Props = { device: Device; model: ModelChoice; leastSeconds: number; onClose: () => void };

/** Tell what is normal for one machine, from a few recordings of it while it is well. */
export function CalibrationSheet({ device, model, leastSeconds, onClose }: Props): ReactElement {
  const { t } = useTranslation();
  const calibrating = useDeviceCalibration(device.device_id, model.id);
  const { step, takes } = calibrating;
  const [isLeaving, setIsLeaving] = useState(false);
  const wouldLose = step.kind !== "done" && takes.length > 0;
  return (
    <Sheet title={t("calibration.title")} onClose={wouldLose && !isLeaving ? () => setIsLeaving(true) : onClose}>
      <ScrollView contentContainerStyle={styles.content}>
        {isLeaving && (
          <Note urgent tone="warning" icon="warning" text={t("calibration.leave", { count: takes.length })}>
            <Button kind="primary" label={t("calibration.stay")} onPress={() => setIsLeaving(false)} />
            <Button kind="danger" label={t("calibration.forget")} onPress={onClose} />
          </Note>
        )}
        <Words kind="heading">{`${device.name || device.device_id} · ${model.name}`}</Words>
        <PresentCalibration deviceId={device.device_id} modelId={model.id} />
        {step.kind === "collecting" && <Collecting leastSeconds={leastSeconds} calibrating={calibrating} />}
        {step.kind === "sending" && <UploadProgress fraction={step.fraction} seconds={null} />}
        {step.kind === "done" && <Made made={step.made} onClose={onClose} />}
      </ScrollView>
    </Sheet>
  );
}

type CollectingProps = { leastSeconds: number; calibrating: DeviceCalibrating };

function Collecting({ leastSeconds, calibrating }: CollectingProps): ReactElement {
  const { t } = useTranslation();
  const { takes, step, recorder, pickFile, drop, calibrate } = calibrating;
  const isRecording = recorder.state.step === "recording" || recorder.state.step === "opening";
  return (
    <>
      <Words muted>{t("calibration.why")}</Words>
      <RecordCard
        leastSeconds={leastSeconds}
        recorder={recorder}
        onPickFile={() => void pickFile()}
        disabled={takes.length >= MOST_CLIPS}
      />
      <TakeList takes={takes} onDrop={drop} />
      {step.kind === "collecting" && step.problem && <Refusal problem={step.problem} takes={takes} onDrop={drop} />}
      <Button
        kind="primary"
        icon="send"
        label={t("calibration.make", { count: takes.length })}
        disabled={takes.length < LEAST_CLIPS || isRecording}
        onPress={() => void calibrate()}
      />
    </>
  );
}

type RefusalProps = { problem: Problem; takes: Take[]; onDrop: (take: Take) => void };

/** Where one recording is to blame, it is named, and can be taken out right here. */
function Refusal({ problem, takes, onDrop }: RefusalProps): ReactElement {
  const { t } = useTranslation();
  const number = problem.kind === "rejected" ? problem.clip : undefined;
  const take = number === undefined ? undefined : takes[number - 1];
  if (problem.kind !== "rejected" || number === undefined || !take) return <ProblemNote problem={problem} />;
  return (
    <Note urgent tone="critical" icon="warning" text={clipRefusalWords(t, problem.code, number)}>
      <Button kind="danger" icon="trash" label={t("calibration.drop", { number })} onPress={() => onDrop(take)} />
    </Note>
  );
}

function Made({ made, onClose }: { made: DeviceCalibration; onClose: () => void }): ReactElement {
  const { t } = useTranslation();
  return (
    <>
      <Note urgent tone="normal" icon="check" text={t("calibration.made")} />
      {made.calibration.notes.map((note) => (
        <Note key={note} tone="warning" icon="warning" text={calibrationNoteWords(t, note)} />
      ))}
      <CalibrationEffect title={t("calibration.before")} effect={made.before} testID="effect-before" />
      <CalibrationEffect title={t("calibration.after")} effect={made.after} testID="effect-after" />
      <Button kind="primary" label={t("calibration.done")} onPress={onClose} />
    </>
  );
}

const styles = StyleSheet.create({ content: { gap: SPACE.m, paddingBottom: SPACE.xl } });
