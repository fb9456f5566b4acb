import type { ReactElement, ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { Fold } from "../ui/Fold";
import { AnalysisDetails } from "./AnalysisDetails";
import { Bands } from "./Bands";
import { Contributions } from "./Contributions";
import { FeedbackForm } from "./FeedbackForm";
import { LinkButtons } from "./LinkButtons";
import { Quality } from "./Quality";
import { ScoreScale } from "./ScoreScale";
import { Segments } from "./Segments";
import { Spectrogram } from "./Spectrogram";
import { VerdictBanner } from "./VerdictBanner";

// children: the next steps, right below the verdict
type Props = { analysis: Analysis; children?: ReactNode };

/** One analysis, in one column. */
export function ResultCard({ analysis, children }: Props): ReactElement {
  return (
    <>
      <ResultVerdict analysis={analysis}>{children}</ResultVerdict>
      <ResultFeedback analysis={analysis} />
    </>
  );
}

/** The verdict first, the details folded. */
export function ResultVerdict({ analysis, children }: Props): ReactElement {
  const { t } = useTranslation();
  return (
    <>
      <VerdictBanner analysis={analysis} />
      {children}
      <Quality analysis={analysis} />
      <Fold title={t("result.details")} testID="details">
        <Details analysis={analysis} />
      </Fold>
    </>
  );
}

/** What a person makes of it, and the link to it. */
export function ResultFeedback({ analysis }: { analysis: Analysis }): ReactElement {
  return (
    <>
      <FeedbackForm key={analysis.id} analysis={analysis} />
      <LinkButtons key={`link-${analysis.id}`} analysisId={analysis.id} />
    </>
  );
}

function Details({ analysis }: { analysis: Analysis }): ReactElement {
  return (
    <>
      <Card>
        <AppText testID="summary">{analysis.finding}</AppText>
        <ScoreScale analysis={analysis} />
      </Card>
      <Contributions analysis={analysis} />
      <Spectrogram analysis={analysis} />
      <Segments analysis={analysis} />
      <Bands analysis={analysis} />
      <AnalysisDetails analysis={analysis} />
    </>
  );
}
