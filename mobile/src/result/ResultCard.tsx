import type { ReactElement, ReactNode } from "react";

import type { Analysis } from "../services/server/analysisService";
import { AnalysisDetails } from "./AnalysisDetails";
import { Bands } from "./Bands";
import { Card } from "../ui/Card";
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

/** One analysis in full, the verdict first. */
export function ResultCard({ analysis, children }: Props): ReactElement {
  return (
    <>
      <VerdictBanner label={analysis.label} finding={analysis.finding} />
      {children}
      <Card>
        <ScoreScale analysis={analysis} />
      </Card>
      <Contributions analysis={analysis} />
      <Spectrogram analysis={analysis} />
      <Segments analysis={analysis} />
      <Bands analysis={analysis} />
      <Quality analysis={analysis} />
      <AnalysisDetails analysis={analysis} />
      <FeedbackForm key={analysis.id} analysis={analysis} />
      <LinkButtons key={`link-${analysis.id}`} analysisId={analysis.id} />
    </>
  );
}
