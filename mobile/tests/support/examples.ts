import type { Clip } from "../../src/services/files/clip";
import type { OutboxItem } from "../../src/services/outbox/outboxItem";
import type {
  Analysis,
  Capabilities,
  Device,
  Label,
  Model,
} from "../../src/services/server/analysisService";
import type { Session } from "../../src/services/server/session";

export const SESSION: Session = {
  server: "https://plant.example",
  email: "engineer@plant.example",
  access: "access-1",
  refresh: "refresh-1",
};

export const CAPABILITIES: Capabilities = {
  version: "0.1.0",
  includes_colleagues: false,
  demo_devices: [],
  recording: {
    min_seconds: 1,
    max_seconds: 120,
    max_bytes: 32 * 1024 * 1024,
    quiet_dbfs: -66,
    media_types: ["audio/*", "video/mp4", "video/quicktime"],
  },
  device_calibration: { min_clips: 5, max_clips: 20 },
  spectrogram: {
    min_width: 320,
    max_width: 2160,
    min_height: 240,
    max_height: 1440,
    min_em: 11,
    max_em: 120,
  },
  verdict: { health_at_warning: 60, health_at_critical: 30, min_p_value: 0.0001 },
  feedback: { max_comment_length: 2000, fault_codes: ["bearing", "imbalance"] },
};

export const CLIP: Clip = {
  name: "recording.wav",
  mimeType: "audio/wav",
  seconds: 10,
  content: "file:///clip.wav",
};

export function outboxItem(key: string, changes: Partial<OutboxItem> = {}): OutboxItem {
  return {
    key,
    owner: "engineer@plant.example https://plant.example",
    modelId: "pump_forest",
    modelName: "Pump",
    deviceId: null,
    recordedAt: "2026-08-01T09:30:00.000Z",
    seconds: 10,
    clipName: "recording.wav",
    mimeType: "audio/wav",
    refusal: null,
    ...changes,
  };
}

export function model(id: string, changes: Partial<Model> = {}): Model {
  return {
    id,
    name: `Model ${id}`,
    type: "level1_isolation_forest",
    level: 1,
    machine_type: "pump",
    description: "",
    is_default: false,
    is_recommended: false,
    is_calibrated: true,
    is_tested: true,
    version: 1,
    file_name: `${id}.pkl`,
    meta_file: null,
    metrics: { auc: 0.97, false_alarm_rate: 0.04, detection_rate: 0.91, n_sessions: 12 },
    sample_count: 48,
    created_at: "2026-08-01T09:00:00Z",
    ...changes,
  };
}

export function device(id: string, changes: Partial<Device> = {}): Device {
  return {
    device_id: id,
    name: id,
    machine_type: "pump",
    preferred_model: null,
    last_verdict: null,
    ...changes,
  };
}

export function analysis(label: Label, changes: Partial<Analysis> = {}): Analysis {
  return {
    id: `analysis-${label}`,
    status: "completed",
    label,
    score: 0.98,
    anomaly_score: 3.48,
    thresholds: { warning: 3.2, critical: 4.9 },
    p_value: 0.031,
    health_score: 55,
    summary: `The summary of a ${label} analysis.`,
    finding: `What was found in a ${label} analysis.`,
    model: { id: "pump_forest", version: 3, sha256: "0".repeat(64) },
    device_id: "pump-07",
    calibration: { id: null, method: "conformal", n: 53, n_groups: null, notes: [] },
    quality: {
      duration_s: 10,
      sample_rate_hz: 48000,
      channels: 1,
      channel: 1,
      level_dbfs: -31.5,
      floor_dbfs: -109,
      clipped_fraction: 0,
      bandwidth_hz: 15800,
      dropouts: 0,
      dropout_s: 0,
      intact_s: 10,
      warnings: ["quiet", "a_future_warning"],
    },
    explanation: {
      curve: { start_s: 0.1, step_s: 0.032, values: [0.41, 0.39, 1.87] },
      segments: [{ start_s: 2.1, end_s: 3.4, p_value: 0.012 }],
      disturbances: [],
      bands: [{ low_hz: 1200, high_hz: 1600, excess_db: 8.2 }],
      traits: [],
      evidence: { level_dbfs: -31.5, bands: [], envelope_peaks: [] },
    },
    timing_ms: {},
    recorded_at: "2026-08-01T00:30:00Z",
    recorded_by: "Engineer",
    is_own: true,
    created_at: "2026-08-01T00:30:04Z",
    feedback: null,
    ...changes,
  };
}
