import type { Clip } from "../services/files/clip";
import type { Delivery, SendResult } from "../services/outbox/outbox";
import type { OutboxItem } from "../services/outbox/outboxItem";
import type { Analysis, Label } from "../services/server/analysisService";
import type { Problem } from "../services/server/problem";
import { createKey } from "../services/storage/key";
import type { ModelChoice } from "../services/storage/lastChoice";

// earlier: the verdicts that this recording is to confirm, oldest first.
type Unanswered = { item: OutboxItem; problem: Problem; earlier: Label[] };

export type DiagnosisStep =
  | { kind: "ready" }
  | { kind: "sending"; seconds: number | null }
  | { kind: "done"; analysis: Analysis; seconds: number | null; earlier: Label[] }
  | ({ kind: "waiting" } & Unanswered) // stored, and sent again automatically
  | ({ kind: "refused"; isKept: boolean } & Unanswered) // kept: until the user decides
  | { kind: "not_stored" };

export function toStep(item: OutboxItem, result: SendResult, earlier: Label[]): DiagnosisStep {
  switch (result.kind) {
    case "analyzed":
      return { kind: "done", analysis: result.analysis, seconds: item.seconds, earlier };
    case "waiting":
      return { kind: "waiting", item, problem: result.problem, earlier };
    case "refused":
      return { kind: "refused", item, problem: result.problem, isKept: result.isKept, earlier };
  }
}

type Context = { owner: string; model: ModelChoice; deviceId: string | null; isFile: boolean };

export function createOutboxItem(clip: Clip, context: Context): OutboxItem {
  const { owner, model, deviceId, isFile } = context;
  return {
    key: createKey(),
    owner,
    deviceId,
    modelId: model.id,
    modelName: model.name,
    recordedAt: new Date().toISOString(),
    seconds: clip.seconds,
    isFile,
    clipName: clip.name,
    mimeType: clip.mimeType,
    refusal: null,
  };
}

/** Show the result of a waiting recording once it has been sent. */
export function applyDelivery(step: DiagnosisStep, deliveries: Delivery[]): DiagnosisStep {
  if (step.kind !== "waiting") return step;
  const delivery = deliveries.find(({ item }) => item.key === step.item.key);
  if (!delivery) return step;
  return toStep(step.item, { kind: "analyzed", analysis: delivery.analysis }, step.earlier);
}
