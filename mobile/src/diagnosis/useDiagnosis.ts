import { useState } from "react";

import { useOutbox } from "../outbox/useOutbox";
import { useCapabilities } from "../queries/useCapabilities";
import { useSession } from "../queries/useSession";
import { type Recorder, useRecorder } from "../recording/useRecorder";
import { type RecordingLength, useRecordingLength } from "../recording/useRecordingLength";
import type { Clip } from "../services/files/clip";
import { createMediaClip } from "../services/files/mediaClip";
import { pickClips } from "../services/files/pickClips";
import { outbox } from "../services/outbox/outbox";
import type { OutboxItem } from "../services/outbox/outboxItem";
import {
  type Analysis,
  AnalysisService,
  type DemoKind,
  type Device,
  type Label,
} from "../services/server/analysisService";
import type { Problem } from "../services/server/problem";
import { getOwner } from "../services/server/session";
import type { ModelChoice } from "../services/storage/lastChoice";
import { type DiagnosisStep, applyDelivery, createOutboxItem, toStep } from "./diagnosisStep";
import { useChoice } from "./useChoice";
import { useDemo } from "./useDemo";

export type Diagnosis = RecordingLength & {
  device: Device | null;
  model: ModelChoice | null;
  withdrawnModel: ModelChoice | null; // chosen before, no longer offered
  uncalibratedModel: ModelChoice | null; // chosen before or preferred, but not calibrated
  isMachinesOwn: boolean; // the machine brought the model, nobody chose it
  chooseDevice: (device: Device | null) => void;
  chooseModel: (model: ModelChoice) => void;
  recorder: Recorder;
  step: DiagnosisStep;
  record: () => void;
  pickFile: () => Promise<void>;
  demo: Device | null; // the demo machine of which there are recordings to try
  tryDemo: (kind: DemoKind) => Promise<Problem | null>;
  confirm: (analysis: Analysis, earlier: Label[]) => void; // record again, to compare verdicts
  resend: (item: OutboxItem) => Promise<void>; // a refused item, with the model chosen now
  reset: () => void;
};

/** Choose, record, send, and follow the recording to its verdict. */
export function useDiagnosis(): Diagnosis {
  const owner = getOwner(useSession());
  const mediaTypes = useCapabilities()?.recording.media_types;
  const choice = useChoice(owner);
  const { device, model } = choice;
  const length = useRecordingLength(choice.minSeconds);
  const [step, setStep] = useState<DiagnosisStep>({ kind: "ready" });
  const [earlier, setEarlier] = useState<Label[]>([]);
  const { deliveries } = useOutbox();

  type Source = { isFile: boolean; earlier: Label[] };
  type Target = { model: ModelChoice | null; device: Device | null };
  const diagnose = async (
    clip: Clip,
    source: Source,
    target: Target = { model, device },
  ): Promise<void> => {
    if (!target.model) return;
    const deviceId = target.device?.device_id ?? null;
    const asked = { owner, model: target.model, deviceId, isFile: source.isFile };
    const item = createOutboxItem(clip, asked);
    setStep({ kind: "sending", seconds: clip.seconds });
    try {
      await outbox.add(item, clip);
    } catch {
      setStep({ kind: "not_stored" }); // the storage is full, or the app may not use it
      return;
    }
    setStep(toStep(item, await outbox.sendNow(item), source.earlier));
  };

  const recorder = useRecorder((clip) => void diagnose(clip, { isFile: false, earlier }));
  const record = (labels: Label[]): void => {
    if (length.lengthSeconds === null) return;
    setEarlier(labels);
    setStep({ kind: "ready" });
    void recorder.start(length.lengthSeconds);
  };
  const reset = (): void => setStep({ kind: "ready" });

  const demo = useDemo(device);
  const tryDemo = async (kind: DemoKind): Promise<Problem | null> => {
    if (!demo) return null;
    const outcome = await AnalysisService.getDemoRecording(demo.device_id, kind);
    if (!outcome.ok) return outcome.problem;
    if (!device) choice.chooseDevice(demo);
    const clip = createMediaClip(outcome.value, `${demo.device_id}-${kind}`);
    const target = { device: demo, model: device ? model : demo.preferred_model };
    await diagnose(clip, { isFile: true, earlier: [] }, target);
    return null;
  };

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
    record: () => record([]),
    pickFile: async () => {
      const [clip] = await pickClips(mediaTypes);
      if (clip) await diagnose(clip, { isFile: true, earlier: [] });
    },
    demo,
    tryDemo,
    confirm: ({ label }, labels) => record([...labels, label]),
    resend: async (item) => {
      if (!model) return;
      setStep({ kind: "sending", seconds: item.seconds });
      const changed = { ...item, modelId: model.id, modelName: model.name };
      setStep(toStep(changed, await outbox.resubmit(changed), []));
    },
    reset,
  };
}
