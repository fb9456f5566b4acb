import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatCalibrationNotes, formatDateTime } from "../i18n/format";
import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { DetailRow } from "../ui/DetailRow";

const MIN_P_VALUE = 1e-4; // the server never reports a smaller one

/** Which model and calibration gave the verdict, and what its numbers mean. */
export function AnalysisDetails({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { p_value, health_score, model, calibration, device_id } = analysis;
  const pValue =
    p_value <= MIN_P_VALUE
      ? t("result.pValueAtMost", { value: MIN_P_VALUE })
      : String(Number(p_value.toPrecision(2)));
  return (
    <Card>
      <DetailRow
        label={t("result.health")}
        value={t("result.healthValue", { value: Math.round(health_score) })}
      />
      <DetailRow label={t("result.pValue")} value={pValue} hint={t("result.pValueMeaning")} />
      <DetailRow
        label={t("result.model")}
        value={t("result.modelVersion", { model: model.id, version: model.version })}
        hint={t("result.calibration", { n: calibration.n })}
      />
      {formatCalibrationNotes(t, calibration).map((note) => (
        <AppText key={note} variant="small" muted>
          {note}
        </AppText>
      ))}
      {device_id && <DetailRow label={t("result.device")} value={device_id} />}
      <DetailRow
        label={t("result.recordedAt")}
        value={formatDateTime(analysis.recorded_at ?? analysis.created_at)}
      />
    </Card>
  );
}
