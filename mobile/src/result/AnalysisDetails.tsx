import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { useNames } from "../devices/useNames";
import { formatCalibrationNotes, formatDateTime } from "../i18n/format";
import { useCapabilities } from "../queries/useCapabilities";
import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { DetailRow } from "../ui/DetailRow";

/** Which model and calibration gave the verdict, and what its numbers mean. */
export function AnalysisDetails({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { p_value, model, calibration, device_id, quality, is_own, recorded_by } = analysis;
  const { getModelName, getDeviceName } = useNames();
  const minPValue = useCapabilities()?.verdict.min_p_value ?? 0;
  const facts = {
    seconds: quality.duration_s.toFixed(1),
    rate: quality.sample_rate_hz / 1000,
    level: quality.level_dbfs.toFixed(1),
  };
  const pValue =
    p_value <= minPValue
      ? t("result.pValueAtMost", { value: minPValue })
      : String(Number(p_value.toPrecision(2)));
  // Analyses of earlier releases judged the mean of all channels.
  const { channel, channels } = quality;
  const isOneOfSeveral = channels > 1 && typeof channel === "number";
  const hint = isOneOfSeveral ? t("result.judgedChannel", { channel, channels }) : undefined;
  return (
    <Card>
      <DetailRow label={t("result.quality")} value={t("result.qualityFacts", facts)} hint={hint} />
      <DetailRow label={t("result.pValue")} value={pValue} hint={t("result.pValueMeaning")} />
      <DetailRow
        label={t("result.model")}
        value={t("result.modelVersion", {
          model: getModelName(model.id),
          version: model.version,
        })}
        hint={t("result.calibration", { n: calibration.n })}
      />
      {formatCalibrationNotes(t, calibration).map((note) => (
        <AppText key={note} variant="small" muted>
          {note}
        </AppText>
      ))}
      {device_id && <DetailRow label={t("result.device")} value={getDeviceName(device_id)} />}
      <DetailRow
        label={t("result.recordedAt")}
        value={formatDateTime(analysis.recorded_at ?? analysis.created_at)}
      />
      {!is_own && <DetailRow label={t("result.recordedBy")} value={recorded_by} />}
    </Card>
  );
}
