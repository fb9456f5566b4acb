import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatCalibrationNote } from "../i18n/format";
import type { DeviceCalibration } from "../services/server/analysisService";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { CalibrationEffect } from "./CalibrationEffect";

type Props = { calibration: DeviceCalibration; onClose: () => void };

/** What the calibration changed. */
export function CalibrationDone({ calibration, onClose }: Props): ReactElement {
  const { t } = useTranslation();
  const { before, after } = calibration;
  const { notes } = calibration.calibration;
  return (
    <>
      <Note urgent tone="normal" icon="check" text={t("calibration.finished")} />
      {notes.map((note) => (
        <Note key={note} tone="warning" icon="warning" text={formatCalibrationNote(t, note)} />
      ))}
      <CalibrationEffect title={t("calibration.before")} effect={before} testID="effect-before" />
      <CalibrationEffect title={t("calibration.after")} effect={after} testID="effect-after" />
      <Button variant="primary" label={t("calibration.done")} onPress={onClose} />
    </>
  );
}
