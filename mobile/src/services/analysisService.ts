import { ask, askForPaths, upload } from "./api";
import { type Clip, appendClip } from "./clip";
import type { Media } from "./media";
import type { Parcel } from "./outboxItem";
import { type Outcome, succeed } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Model = Schemas["ModelOut"];
export type Device = Schemas["DeviceOut"];
export type Analysis = Schemas["AnalysisOut"];
export type AnalysisPage = Schemas["AnalysisPage"];
export type Label = Schemas["LabelEnum"];
export type Feedback = Schemas["FeedbackRequest"];
export type FeedbackVerdict = Schemas["FeedbackRequestVerdictEnum"];
export type Me = Schemas["Me"];

export type Match = Schemas["MatchOut"];
export type Matches = Schemas["MatchesOut"];
export type CalibrationRecord = Schemas["CalibrationRecordOut"];
export type CalibrationEffect = Schemas["EffectOut"];
export type DeviceCalibration = Schemas["DeviceCalibrationOut"];
export type PictureSize = { width: number; height: number; em: number }; // pixels; em: of its letters
export type Capabilities = { canMatch: boolean };

const MATCH_PATH = "/api/v1/models/match";

export const AnalysisService = {
  /** The models that may be picked, defaults first; the server alone knows which. */
  async getAvailableModels(deviceType?: string): Promise<Outcome<Model[]>> {
    return allPages("page", async (page) => {
      const query = { device_type: deviceType, page: page === null ? undefined : Number(page) };
      const outcome = await ask((server) => server.GET("/api/v1/models", { params: { query } }));
      return outcome.ok ? succeed({ items: outcome.value.models, next: outcome.value.next }) : outcome;
    });
  },

  async getDevices(): Promise<Outcome<Device[]>> {
    return allPages("cursor", async (cursor) => {
      const query = { cursor: cursor ?? undefined };
      const outcome = await ask((server) => server.GET("/api/v1/devices", { params: { query } }));
      return outcome.ok ? succeed({ items: outcome.value.devices, next: outcome.value.next }) : outcome;
    });
  },

  async getMe(): Promise<Outcome<Me>> {
    return ask((server) => server.GET("/api/v1/auth/me"));
  },

  /** Have a recording judged; sent again under the same key, it is judged once all the same. */
  async analyze(parcel: Parcel, clip: Clip, onProgress: (fraction: number) => void): Promise<Outcome<Analysis>> {
    const form = new FormData();
    form.append("model_id", parcel.modelId);
    form.append("recorded_at", parcel.recordedAt);
    if (parcel.deviceId) form.append("device_id", parcel.deviceId);
    appendClip(form, "file", clip);
    return upload<Analysis>("/api/v1/analyses", form, { headers: { "Idempotency-Key": parcel.key }, onProgress });
  },

  /** Which models there are that this recording is normal to, most normal first. */
  async matchModels(clip: Clip, onProgress: (fraction: number) => void): Promise<Outcome<Matches>> {
    const form = new FormData();
    appendClip(form, "file", clip);
    return upload<Matches>(MATCH_PATH, form, { onProgress });
  },

  /** What this server can do that others cannot. */
  async getCapabilities(): Promise<Outcome<Capabilities>> {
    const outcome = await askForPaths();
    return outcome.ok ? succeed({ canMatch: outcome.value.includes(MATCH_PATH) }) : outcome;
  },

  /** Calibrations for one machine, the newest first. */
  async getCalibrations(deviceId: string): Promise<Outcome<CalibrationRecord[]>> {
    return allPages("cursor", async (cursor) => {
      const params = { path: { device_id: deviceId }, query: { cursor: cursor === null ? undefined : Number(cursor) } };
      const outcome = await ask((server) => server.GET("/api/v1/devices/{device_id}/calibrations", { params }));
      return outcome.ok ? succeed({ items: outcome.value.calibrations, next: outcome.value.next }) : outcome;
    });
  },

  /** Have the server tell from recordings of a healthy machine what is normal for it. */
  async calibrateDevice(
    deviceId: string,
    modelId: string,
    clips: Clip[],
    onProgress: (fraction: number) => void,
  ): Promise<Outcome<DeviceCalibration>> {
    const form = new FormData();
    form.append("model_id", modelId);
    clips.forEach((clip) => appendClip(form, "files", clip));
    const path = `/api/v1/devices/${encodeURIComponent(deviceId)}/calibrations`;
    return upload<DeviceCalibration>(path, form, { onProgress });
  },

  async undoCalibration(deviceId: string, calibrationId: number): Promise<Outcome<CalibrationRecord>> {
    const params = { path: { device_id: deviceId, calibration_id: calibrationId } };
    const path = "/api/v1/devices/{device_id}/calibrations/{calibration_id}/undo";
    return ask((server) => server.POST(path, { params, body: { why: "" } }));
  },

  async getHistory(deviceId: string | null, cursor: string | null): Promise<Outcome<AnalysisPage>> {
    const query = { device_id: deviceId ?? undefined, cursor: cursor ?? undefined };
    return ask((server) => server.GET("/api/v1/analyses", { params: { query } }));
  },

  async getAnalysis(id: string): Promise<Outcome<Analysis>> {
    return ask((server) => server.GET("/api/v1/analyses/{id}", { params: { path: { id } } }));
  },

  async giveFeedback(id: string, body: Feedback): Promise<Outcome<Schemas["FeedbackOut"]>> {
    return ask((server) => server.PUT("/api/v1/analyses/{id}/feedback", { params: { path: { id } }, body }));
  },

  async getSpectrogram(id: string, size: PictureSize): Promise<Outcome<Media>> {
    const params = { path: { id }, query: size };
    return ask(async (server) =>
      withMediaType(
        await server.GET("/api/v1/analyses/{id}/spectrogram.png", { params, parseAs: "arrayBuffer" }),
      ),
    );
  },

  async getRecording(id: string): Promise<Outcome<Media>> {
    const params = { path: { id } };
    return ask(async (server) =>
      withMediaType(await server.GET("/api/v1/analyses/{id}/audio", { params, parseAs: "arrayBuffer" })),
    );
  },
};

/** Tell whether the server would refuse every recording: it has no thresholds to hold one against. */
export function isUncalibrated(model: Model): boolean {
  // A list that was kept by an app before this one does not tell.
  return model.is_calibrated === false;
}

/** Half of what the model has learnt from, to the tenth: the server refuses what is shorter. */
export function leastSeconds(model: Model): number {
  const learnt = model.metrics.clip_seconds; // older and imported versions do not tell
  return typeof learnt === "number" ? Math.round(5 * learnt) / 10 : 0;
}

/** Tell whether the model can say when and at which frequencies; where it cannot, finding nothing means nothing. */
export function isExplained({ quality }: Analysis): boolean {
  return !quality.warnings.includes("unexplained");
}

type FetchedMedia = { data?: ArrayBuffer; error?: unknown; response: Response };

function withMediaType({ data: bytes, error, response }: FetchedMedia): {
  data?: Media;
  error?: unknown;
  response: Response;
} {
  const mimeType = response.headers.get("Content-Type") ?? "application/octet-stream";
  return bytes ? { data: { bytes, mimeType }, response } : { error, response };
}

type Page<T> = { items: T[]; next: string | null };

/** Follow `next` to the end, which is where this parameter of its address leads. */
async function allPages<T>(
  parameter: string,
  getPage: (position: string | null) => Promise<Outcome<Page<T>>>,
): Promise<Outcome<T[]>> {
  const items: T[] = [];
  let position: string | null = null;
  do {
    const outcome: Outcome<Page<T>> = await getPage(position);
    if (!outcome.ok) return outcome;
    items.push(...outcome.value.items);
    position = positionIn(outcome.value.next, parameter);
  } while (position !== null);
  return succeed(items);
}

export function positionIn(next: string | null, parameter: string): string | null {
  return next === null ? null : new URL(next).searchParams.get(parameter);
}
