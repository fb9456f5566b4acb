import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatWarning } from "../i18n/format";
import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { Note } from "../ui/Note";

/** Whether the recording is good enough to trust the verdict. */
export function Quality({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { warnings, duration_s, sample_rate_hz, level_dbfs } = analysis.quality;
  const facts = {
    seconds: duration_s.toFixed(1),
    rate: sample_rate_hz / 1000,
    level: level_dbfs.toFixed(1),
  };
  return (
    <Card title={t("result.quality")} testID="quality">
      {warnings.map((warning) => (
        <Note key={warning} tone="warning" icon="warning" text={formatWarning(t, warning)} />
      ))}
      {warnings.length === 0 && <AppText>{t("result.qualityGood")}</AppText>}
      <AppText variant="small" muted>
        {t("result.qualityFacts", facts)}
      </AppText>
    </Card>
  );
}
