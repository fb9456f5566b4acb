import { type Clip, appendClip } from "../files/clip";
import type { Media } from "../files/media";
import type { OutboxItem } from "../outbox/outboxItem";
import type { components } from "../schema";
import { request, upload } from "./api";
import { type Outcome, succeed } from "./problem";

type Schemas = components["schemas"];
export type Model = Schemas["ModelOut"];
export type Device = Schemas["DeviceOut"];
export type AnalysisPage = Schemas["AnalysisPage"];
// A list leaves out what makes most of the bytes; it comes with the analysis itself.
export type Analysis = Schemas["AnalysisRow"] & {
  explanation: Partial<Schemas["ExplanationOut"]>;
};
export type Label = Schemas["LabelEnum"];
export type Feedback = Schemas["FeedbackRequest"];
export type SavedFeedback = Schemas["FeedbackOut"];
export type FeedbackOutcome = Schemas["FeedbackRequestVerdictEnum"];
export type Me = Schemas["Me"];

export type Match = Schemas["MatchOut"];
export type Matches = Schemas["MatchesOut"];
export type CalibrationRecord = Schemas["CalibrationRecordOut"];
export type CalibrationEffect = Schemas["EffectOut"];
export type DeviceCalibration = Schemas["DeviceCalibrationOut"];
export type PictureSize = { width: number; height: number; em: number }; // pixels; em: font size
export type Capabilities = Schemas["CapabilitiesOut"];

export type DemoKind = "healthy" | "faulty";

export type HistoryFilter = { deviceId: string | null; isMine: boolean };

type ProgressListener = (fraction: number) => void;

export const AnalysisService = {
  /** Return the models that can be chosen, defaults first; only the server knows them. */
  async getAvailableModels(deviceType?: string): Promise<Outcome<Model[]>> {
    return fetchAllPages("page", async (page) => {
      const query = { device_type: deviceType, page: page === null ? undefined : Number(page) };
      const outcome = await request((api) => api.GET("/api/v1/models", { params: { query } }));
      if (!outcome.ok) return outcome;
      return succeed({ items: outcome.value.models, next: outcome.value.next });
    });
  },

  async getDevices(): Promise<Outcome<Device[]>> {
    return fetchAllPages("cursor", async (cursor) => {
      const query = { cursor: cursor ?? undefined };
      const outcome = await request((api) => api.GET("/api/v1/devices", { params: { query } }));
      if (!outcome.ok) return outcome;
      return succeed({ items: outcome.value.devices, next: outcome.value.next });
    });
  },

  async getMe(): Promise<Outcome<Me>> {
    return request((api) => api.GET("/api/v1/auth/me"));
  },

  /** Have a recording analyzed; the server analyzes it once, however often it is sent. */
  async analyze(
    item: OutboxItem,
    clip: Clip,
    onProgress: ProgressListener,
  ): Promise<Outcome<Analysis>> {
    const form = new FormData();
    form.append("model_id", item.modelId);
    form.append("recorded_at", item.recordedAt);
    if (item.deviceId) form.append("device_id", item.deviceId);
    appendClip(form, "file", clip);
    const headers = { "Idempotency-Key": item.key };
    return upload<Analysis>("/api/v1/analyses", form, { headers, onProgress });
  },

  /** Rank the models by how normal this recording sounds to them. */
  async matchModels(clip: Clip, onProgress: ProgressListener): Promise<Outcome<Matches>> {
    const form = new FormData();
    appendClip(form, "file", clip);
    return upload<Matches>("/api/v1/models/match", form, { onProgress });
  },

  /** Return the limits and constants of this server. */
  async getCapabilities(): Promise<Outcome<Capabilities>> {
    return request((api) => api.GET("/api/v1/capabilities"));
  },

  /** Return the calibrations for one machine, newest first. */
  async getCalibrations(deviceId: string): Promise<Outcome<CalibrationRecord[]>> {
    const path = "/api/v1/devices/{device_id}/calibrations";
    return fetchAllPages("cursor", async (cursor) => {
      const query = { cursor: cursor === null ? undefined : Number(cursor) };
      const params = { path: { device_id: deviceId }, query };
      const outcome = await request((api) => api.GET(path, { params }));
      if (!outcome.ok) return outcome;
      return succeed({ items: outcome.value.calibrations, next: outcome.value.next });
    });
  },

  /** Calibrate a model for one machine, from recordings of that machine while it is healthy. */
  async calibrateDevice(
    deviceId: string,
    modelId: string,
    clips: Clip[],
    onProgress: ProgressListener,
  ): Promise<Outcome<DeviceCalibration>> {
    const form = new FormData();
    form.append("model_id", modelId);
    clips.forEach((clip) => appendClip(form, "files", clip));
    const path = `/api/v1/devices/${encodeURIComponent(deviceId)}/calibrations`;
    return upload<DeviceCalibration>(path, form, { onProgress });
  },

  async undoCalibration(
    deviceId: string,
    calibrationId: number,
  ): Promise<Outcome<CalibrationRecord>> {
    const params = { path: { device_id: deviceId, calibration_id: calibrationId } };
    const path = "/api/v1/devices/{device_id}/calibrations/{calibration_id}/undo";
    return request((api) => api.POST(path, { params, body: { why: "" } }));
  },

  /** Return a page of analyses, newest first. */
  async getHistory(
    { deviceId, isMine }: HistoryFilter,
    cursor: string | null,
  ): Promise<Outcome<AnalysisPage>> {
    const query = {
      device_id: deviceId ?? undefined,
      mine: isMine || undefined,
      cursor: cursor ?? undefined,
    };
    return request((api) => api.GET("/api/v1/analyses", { params: { query } }));
  },

  async getAnalysis(id: string): Promise<Outcome<Analysis>> {
    const params = { path: { id } };
    return request((api) => api.GET("/api/v1/analyses/{id}", { params }));
  },

  async setFeedback(id: string, body: Feedback): Promise<Outcome<SavedFeedback>> {
    const params = { path: { id } };
    return request((api) => api.PUT("/api/v1/analyses/{id}/feedback", { params, body }));
  },

  async getSpectrogram(id: string, size: PictureSize): Promise<Outcome<Media>> {
    const options = { params: { path: { id }, query: size }, parseAs: "arrayBuffer" } as const;
    return request(async (api) =>
      withMediaType(await api.GET("/api/v1/analyses/{id}/spectrogram.png", options)),
    );
  },

  async getDemoRecording(deviceId: string, kind: DemoKind): Promise<Outcome<Media>> {
    const path = { device_id: deviceId, kind };
    const options = { params: { path }, parseAs: "arrayBuffer" } as const;
    return request(async (api) =>
      withMediaType(await api.GET("/api/v1/demo/{device_id}/{kind}", options)),
    );
  },

  async getRecording(id: string): Promise<Outcome<Media>> {
    const params = { path: { id }, query: { channel: "judged" } } as const;
    const options = { params, parseAs: "arrayBuffer" } as const;
    return request(async (api) =>
      withMediaType(await api.GET("/api/v1/analyses/{id}/audio", options)),
    );
  },
};

/** Return whether the server would refuse every recording, because the model has no thresholds. */
export function isUncalibrated(model: Model): boolean {
  // Lists stored by older releases of the app lack this field.
  return model.is_calibrated === false;
}

/** Return whether nobody knows how many faults the model finds. */
export function isUntested(model: Model): boolean {
  return model.is_tested === false; // lists stored by older releases lack it
}

/** Return half the length of the training clips, in tenths: shorter recordings are refused. */
export function getMinSeconds(model: Model): number {
  const clipSeconds = model.metrics.clip_seconds; // older and imported versions lack it
  return typeof clipSeconds === "number" ? Math.round(5 * clipSeconds) / 10 : 0;
}

/** Return whether the model can locate deviations; if not, an empty list means nothing. */
export function hasExplanation({ quality }: Analysis): boolean {
  return !quality.warnings.includes("unexplained");
}

type FetchedBytes = { data?: ArrayBuffer; error?: unknown; response: Response };
type FetchedMedia = { data?: Media; error?: unknown; response: Response };

function withMediaType({ data: bytes, error, response }: FetchedBytes): FetchedMedia {
  const mimeType = response.headers.get("Content-Type") ?? "application/octet-stream";
  return bytes ? { data: { bytes, mimeType }, response } : { error, response };
}

type Page<T> = { items: T[]; next: string | null };

/** Follow `next` to the last page; its address holds the position in this parameter. */
async function fetchAllPages<T>(
  parameter: string,
  fetchPage: (position: string | null) => Promise<Outcome<Page<T>>>,
): Promise<Outcome<T[]>> {
  const items: T[] = [];
  let position: string | null = null;
  do {
    const outcome: Outcome<Page<T>> = await fetchPage(position);
    if (!outcome.ok) return outcome;
    items.push(...outcome.value.items);
    position = getPosition(outcome.value.next, parameter);
  } while (position !== null);
  return succeed(items);
}

/** Return the position of the next page, or null after the last one. */
export function getPosition(next: string | null, parameter: string): string | null {
  return next === null ? null : new URL(next).searchParams.get(parameter);
}
