import { useState } from "react";

import type { Analysis, Device, Label } from "../services/analysisService";
import type { Clip } from "../services/clip";
import { newKey } from "../services/key";
import type { ModelChoice } from "../services/lastChoice";
import { type Fate, outbox } from "../services/outbox";
import type { Parcel } from "../services/outboxItem";
import { pickClip } from "../services/pickClip";
import type { Problem } from "../services/problem";
import { ownerOf } from "../services/session";
import { useChoice } from "./useChoice";
import { type Length, useLength } from "./useRecordingLength";
import { useOutbox } from "./useOutbox";
import { type Recorder, useRecorder } from "./useRecorder";
import { useSession } from "./useSession";

export type DiagnosisStep =
  | { kind: "ready" }
  | { kind: "sending"; seconds: number | null }
  | { kind: "done"; analysis: Analysis; seconds: number | null; earlier: Label | null }
  | { kind: "waiting"; parcel: Parcel; problem: Problem; earlier: Label | null } // kept; it goes out by itself
  | { kind: "refused"; parcel: Parcel; problem: Problem; earlier: Label | null } // kept, until somebody decides
  | { kind: "unkept" };

export type Diagnosis = Length & {
  device: Device | null;
  model: ModelChoice | null;
  goneModel: ModelChoice | null; // chosen before, no longer offered
  uncalibratedModel: ModelChoice | null; // chosen before or preferred for the machine, but it cannot judge
  chooseDevice: (device: Device | null) => void;
  chooseModel: (model: ModelChoice) => void;
  recorder: Recorder;
  step: DiagnosisStep;
  record: () => void;
  pickFile: () => Promise<void>;
  confirm: (analysis: Analysis) => void; // record again, and hold both verdicts together
  resend: (parcel: Parcel) => Promise<void>; // what was refused, with the model chosen now
  startOver: () => void;
};

export function useDiagnosisLogic(): Diagnosis {
  const owner = ownerOf(useSession());
  const choice = useChoice(owner);
  const { device, model } = choice;
  const length = useLength(choice.leastSeconds);
  const [step, setStep] = useState<DiagnosisStep>({ kind: "ready" });
  const [earlier, setEarlier] = useState<Label | null>(null);
  const { deliveries } = useOutbox();

  const diagnose = async (clip: Clip, confirms: Label | null): Promise<void> => {
    if (!model) return;
    const parcel = parcelOf(clip, { owner, model, deviceId: device?.device_id ?? null });
    setStep({ kind: "sending", seconds: clip.seconds });
    try {
      await outbox.keep(parcel, clip);
    } catch {
      setStep({ kind: "unkept" }); // the storage of the device is full or closed to us
      return;
    }
    setStep(stepAfter(parcel, await outbox.deliverNow(parcel), confirms));
  };

  const recorder = useRecorder((clip) => void diagnose(clip, earlier));
  const record = (confirms: Label | null): void => {
    if (length.lengthSeconds === null) return;
    setEarlier(confirms);
    setStep({ kind: "ready" });
    void recorder.start(length.lengthSeconds);
  };
  const startOver = (): void => setStep({ kind: "ready" });

  return {
    ...choice,
    ...length,
    // What is shown is the result of another machine or model from here on.
    chooseDevice: (next) => {
      choice.chooseDevice(next);
      startOver();
    },
    chooseModel: (next) => {
      choice.chooseModel(next);
      startOver();
    },
    recorder,
    step: delivered(step, deliveries.map(({ parcel, analysis }) => ({ key: parcel.key, analysis }))),
    record: () => record(null),
    pickFile: async () => {
      const clip = await pickClip();
      if (clip) await diagnose(clip, null);
    },
    confirm: ({ label }) => record(label),
    resend: async (parcel) => {
      if (!model) return;
      setStep({ kind: "sending", seconds: parcel.seconds });
      const changed = { ...parcel, modelId: model.id, modelName: model.name };
      setStep(stepAfter(changed, await outbox.resubmit(changed), null));
    },
    startOver,
  };
}

function stepAfter(parcel: Parcel, fate: Fate, earlier: Label | null): DiagnosisStep {
  if (fate.kind === "analysed") return { kind: "done", analysis: fate.analysis, seconds: parcel.seconds, earlier };
  return { kind: fate.kind, parcel, problem: fate.problem, earlier };
}

type Sender = { owner: string; model: ModelChoice; deviceId: string | null };

function parcelOf(clip: Clip, { owner, model, deviceId }: Sender): Parcel {
  return {
    key: newKey(),
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

/** A recording that waited on the screen may have gone out meanwhile. */
function delivered(step: DiagnosisStep, deliveries: { key: string; analysis: Analysis }[]): DiagnosisStep {
  if (step.kind !== "waiting") return step;
  const delivery = deliveries.find(({ key }) => key === step.parcel.key);
  return delivery ? stepAfter(step.parcel, { kind: "analysed", analysis: delivery.analysis }, step.earlier) : step;
}
