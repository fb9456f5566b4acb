import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatScore } from "../i18n/format";
import type { CalibrationEffect as Effect } from "../services/server/analysisService";
import { Card } from "../ui/Card";
import { DetailRow } from "../ui/DetailRow";

type Props = { title: string; effect: Effect; testID: string };

/** The thresholds, and the verdicts they give on this machine's recordings. */
export function CalibrationEffect({ title, effect, testID }: Props): ReactElement {
  const { t } = useTranslation();
  const { thresholds, history, clips } = effect;
  return (
    <Card title={title} testID={testID}>
      <DetailRow
        label={t("verdict.WARNING")}
        value={t("calibration.from", { score: formatScore(thresholds.warning) })}
      />
      <DetailRow
        label={t("verdict.CRITICAL")}
        value={t("calibration.from", { score: formatScore(thresholds.critical) })}
      />
      <DetailRow
        label={t("calibration.effectOnHistory")}
        value={t("calibration.counts", history)}
      />
      <DetailRow label={t("calibration.effectOnClips")} value={t("calibration.counts", clips)} />
    </Card>
  );
}
