import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatDateTime } from "../i18n/format";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { ConfirmedButton } from "../ui/ConfirmedButton";
import { Loading } from "../ui/Loading";
import { ProblemNote } from "../ui/ProblemNote";
import { useCalibrationUndo } from "./useCalibrationUndo";
import { useCurrentCalibration } from "./useCurrentCalibration";

type Props = { deviceId: string; modelId: string };

/** The calibration that applies to this machine now, with a button to undo it. */
export function CurrentCalibration({ deviceId, modelId }: Props): ReactElement {
  const { t } = useTranslation();
  const { value: current, problem, isLoading, reload } = useCurrentCalibration(deviceId, modelId);
  const { undo, isUndoing, problem: undoProblem } = useCalibrationUndo(deviceId);
  return (
    <Card testID="current-calibration">
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {current === undefined && isLoading && <Loading text={t("calibration.loading")} />}
      {current === null && <AppText>{t("calibration.none")}</AppText>}
      {current && (
        <>
          <AppText>
            {t("calibration.current", {
              version: current.model.version,
              n: current.n,
              by: current.by,
              when: formatDateTime(current.created_at),
            })}
          </AppText>
          <ConfirmedButton
            icon="retry"
            label={t("calibration.undo")}
            question={t("calibration.undoSure")}
            disabled={isUndoing}
            onConfirm={() => undo(current.id)}
          />
        </>
      )}
      {undoProblem && <ProblemNote problem={undoProblem} />}
    </Card>
  );
}
