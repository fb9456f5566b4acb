import { type QueryState, useServerQuery } from "../queries/query";
import { AnalysisService, type CalibrationRecord } from "../services/server/analysisService";

/** Load the newest calibration of a model for a machine; null if there is none or it was undone. */
export function useCurrentCalibration(
  deviceId: string,
  modelId: string,
): QueryState<CalibrationRecord | null> {
  const key = ["calibrations", deviceId];
  const query = useServerQuery(key, () => AnalysisService.getCalibrations(deviceId));
  const newest = query.value?.find((record) => record.model.id === modelId);
  return { ...query, value: query.value && (newest?.thresholds ? newest : null) };
}
