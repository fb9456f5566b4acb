import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";

import { useCalibrationUndo } from "../hooks/useCalibrationUndo";
import { usePresentCalibration } from "../hooks/useCurrentCalibration";
import { momentWords } from "../i18n/format";
import { Button } from "./Button";
import { Card } from "./Card";
import { ProblemNote } from "./ProblemNote";
import { Waiting } from "./Loading";
import { Words } from "./AppText";

type Props = { deviceId: string; modelId: string };

/** What was calibrated for this machine before, and the way back. */
export function PresentCalibration({ deviceId, modelId }: Props): ReactElement {
  const { t } = useTranslation();
  const { value: present, problem, isLoading, reload } = usePresentCalibration(deviceId, modelId);
  const { undo, isUndoing, problem: undoProblem } = useCalibrationUndo(deviceId);
  const [isSure, setIsSure] = useState(false);
  return (
    <Card testID="present-calibration">
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {present === undefined && isLoading && <Waiting text={t("calibration.loading")} />}
      {present === null && <Words>{t("calibration.none")}</Words>}
      {present && (
        <>
          <Words>
            {t("calibration.present", {
              version: present.model.version,
              n: present.n,
              by: present.by,
              when: momentWords(present.created_at),
            })}
          </Words>
          {isSure && <Words>{t("calibration.undoSure")}</Words>}
          {isSure && <Button kind="quiet" label={t("actions.cancel")} onPress={() => setIsSure(false)} />}
          <Button
            kind="danger"
            icon="retry"
            label={t("calibration.undo")}
            disabled={isUndoing}
            onPress={() => {
              if (isSure) undo(present.id);
              setIsSure(!isSure);
            }}
          />
        </>
      )}
      {undoProblem && <ProblemNote problem={undoProblem} />}
    </Card>
  );
}
