import { AnalysisService, type CalibrationRecord } from "../services/analysisService";
import { type Loaded, useLoaded } from "./query";

/** The calibration of a model for one machine that was made last; null where none was, or it was taken back. */
export function usePresentCalibration(deviceId: string, modelId: string): Loaded<CalibrationRecord | null> {
  const { value, ...rest } = useLoaded(["calibrations", deviceId], () => AnalysisService.getCalibrations(deviceId));
  const newest = value?.find((record) => record.model.id === modelId);
  return { ...rest, value: value && (newest?.thresholds ? newest : null) };
}
