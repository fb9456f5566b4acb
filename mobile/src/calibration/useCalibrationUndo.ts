import { useMutation, useQueryClient } from "@tanstack/react-query";

import { getProblem } from "../queries/query";
import { AnalysisService } from "../services/server/analysisService";
import { type Problem, unwrap } from "../services/server/problem";

export type CalibrationUndo = {
  undo: (calibrationId: number) => void;
  isUndoing: boolean;
  problem: Problem | null;
};

/** Undo the calibration for a machine: the previous one applies again. */
export function useCalibrationUndo(deviceId: string): CalibrationUndo {
  const queries = useQueryClient();
  const mutation = useMutation({
    mutationFn: async (id: number) => unwrap(await AnalysisService.undoCalibration(deviceId, id)),
    onSettled: () => queries.invalidateQueries({ queryKey: ["calibrations", deviceId] }),
  });
  return {
    undo: mutation.mutate,
    isUndoing: mutation.isPending,
    problem: getProblem(mutation.error),
  };
}
