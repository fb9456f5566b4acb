import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { scoreWords } from "../i18n/format";
import type { CalibrationEffect as Effect } from "../services/analysisService";
import { Card } from "./Card";
import { Fact } from "./DetailRow";

type Props = { title: string; effect: Effect; testID: string };

/** Where alarms begin, and what that makes of this machine's recordings. */
export function CalibrationEffect({ title, effect: { thresholds, history, clips }, testID }: Props): ReactElement {
  const { t } = useTranslation();
  return (
    <Card title={title} testID={testID}>
      <Fact label={t("verdict.WARNING")} value={t("calibration.from", { score: scoreWords(thresholds.warning) })} />
      <Fact label={t("verdict.CRITICAL")} value={t("calibration.from", { score: scoreWords(thresholds.critical) })} />
      <Fact label={t("calibration.history")} value={t("calibration.counts", history)} />
      <Fact label={t("calibration.clips")} value={t("calibration.counts", clips)} />
    </Card>
  );
}
