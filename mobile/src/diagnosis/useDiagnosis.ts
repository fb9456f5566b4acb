import { useState } from "react";

import type { Analysis, Device, Label } from "../services/server/analysisService";
import type { Clip } from "../services/files/clip";
import { createKey } from "../services/storage/key";
import type { ModelChoice } from "../services/storage/lastChoice";
import { type Delivery, type SendResult, outbox } from "../services/outbox/outbox";
import type { OutboxItem } from "../services/outbox/outboxItem";
import { pickClip } from "../services/files/pickClip";
import type { Problem } from "../services/server/problem";
import { getOwner } from "../services/server/session";
import { useChoice } from "./useChoice";
import { useOutbox } from "../outbox/useOutbox";
import { type Recorder, useRecorder } from "../recording/useRecorder";
import { type RecordingLength, useRecordingLength } from "../recording/useRecordingLength";
import { useSession } from "../queries/useSession";

// previousLabel: the verdict that this recording is to confirm, if any.
type Unanswered = { item: OutboxItem; problem: Problem; previousLabel: Label | null };

export type DiagnosisStep =
  | { kind: "ready" }
  | { kind: "sending"; seconds: number | null }
  | { kind: "done"; analysis: Analysis; seconds: number | null; previousLabel: Label | null }
  | ({ kind: "waiting" } & Unanswered) // stored, and sent again automatically
  | ({ kind: "refused" } & Unanswered) // stored until the user decides
  | { kind: "not_stored" };

export type Diagnosis = RecordingLength & {
  device: Device | null;
  model: ModelChoice | null;
  withdrawnModel: ModelChoice | null; // chosen before, no longer offered
  uncalibratedModel: ModelChoice | null; // chosen before or preferred, but not calibrated
  chooseDevice: (device: Device | null) => void;
  chooseModel: (model: ModelChoice) => void;
  recorder: Recorder;
  step: DiagnosisStep;
  record: () => void;
  pickFile: () => Promise<void>;
  confirm: (analysis: Analysis) => void; // record again, to compare both verdicts
  resend: (item: OutboxItem) => Promise<void>; // a refused item, with the model chosen now
  reset: () => void;
};

export function useDiagnosis(): Diagnosis {
  const owner = getOwner(useSession());
  const choice = useChoice(owner);
  const { device, model } = choice;
  const length = useRecordingLength(choice.minSeconds);
  const [step, setStep] = useState<DiagnosisStep>({ kind: "ready" });
  const [previousLabel, setPreviousLabel] = useState<Label | null>(null);
  const { deliveries } = useOutbox();

  const diagnose = async (clip: Clip, labelToConfirm: Label | null): Promise<void> => {
    if (!model) return;
    const item = createOutboxItem(clip, { owner, model, deviceId: device?.device_id ?? null });
    setStep({ kind: "sending", seconds: clip.seconds });
    try {
      await outbox.add(item, clip);
    } catch {
      setStep({ kind: "not_stored" }); // the storage is full, or the app may not use it
      return;
    }
    setStep(toStep(item, await outbox.sendNow(item), labelToConfirm));
  };

  const recorder = useRecorder((clip) => void diagnose(clip, previousLabel));
  const record = (labelToConfirm: Label | null): void => {
    if (length.lengthSeconds === null) return;
    setPreviousLabel(labelToConfirm);
    setStep({ kind: "ready" });
    void recorder.start(length.lengthSeconds);
  };
  const reset = (): void => setStep({ kind: "ready" });

  return {
    ...choice,
    ...length,
    // The result on the screen belongs to the machine and model chosen before.
    chooseDevice: (next) => {
      choice.chooseDevice(next);
      reset();
    },
    chooseModel: (next) => {
      choice.chooseModel(next);
      reset();
    },
    recorder,
    step: applyDelivery(step, deliveries),
    record: () => record(null),
    pickFile: async () => {
      const clip = await pickClip();
      if (clip) await diagnose(clip, null);
    },
    confirm: ({ label }) => record(label),
    resend: async (item) => {
      if (!model) return;
      setStep({ kind: "sending", seconds: item.seconds });
      const changed = { ...item, modelId: model.id, modelName: model.name };
      setStep(toStep(changed, await outbox.resubmit(changed), null));
    },
    reset,
  };
}

function toStep(
  item: OutboxItem,
  result: SendResult,
  previousLabel: Label | null,
): DiagnosisStep {
  if (result.kind === "analyzed") {
    return { kind: "done", analysis: result.analysis, seconds: item.seconds, previousLabel };
  }
  return { kind: result.kind, item, problem: result.problem, previousLabel };
}

type RecordingContext = { owner: string; model: ModelChoice; deviceId: string | null };

function createOutboxItem(clip: Clip, { owner, model, deviceId }: RecordingContext): OutboxItem {
  return {
    key: createKey(),
    owner,
    deviceId,
    modelId: model.id,
    modelName: model.name,
    recordedAt: new Date().toISOString(),
    seconds: clip.seconds,
    clipName: clip.name,
    mimeType: clip.mimeType,
    refusal: null,
  };
}

/** Show the result of a waiting recording once it has been sent. */
function applyDelivery(step: DiagnosisStep, deliveries: Delivery[]): DiagnosisStep {
  if (step.kind !== "waiting") return step;
  const delivery = deliveries.find(({ item }) => item.key === step.item.key);
  if (!delivery) return step;
  return toStep(step.item, { kind: "analyzed", analysis: delivery.analysis }, step.previousLabel);
}
