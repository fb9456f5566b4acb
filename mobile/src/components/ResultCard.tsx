import type { ReactElement, ReactNode } from "react";

import type { Analysis } from "../services/analysisService";
import { Bands } from "./Bands";
import { Card } from "./Card";
import { Facts } from "./AnalysisDetails";
import { FeedbackForm } from "./FeedbackForm";
import { Moments } from "./Segments";
import { Quality } from "./Quality";
import { ScoreScale } from "./ScoreScale";
import { Spectrogram } from "./Spectrogram";
import { Traits } from "./Contributions";
import { VerdictBanner } from "./VerdictBanner";

type Props = { analysis: Analysis; children?: ReactNode }; // what to do next, right below the verdict

/** Everything that is known of one analysis, the verdict first. */
export function ResultCard({ analysis, children }: Props): ReactElement {
  return (
    <>
      <VerdictBanner label={analysis.label} finding={analysis.finding} />
      {children}
      <Card>
        <ScoreScale analysis={analysis} />
      </Card>
      <Traits analysis={analysis} />
      <Spectrogram analysis={analysis} />
      <Moments analysis={analysis} />
      <Bands analysis={analysis} />
      <Quality analysis={analysis} />
      <Facts analysis={analysis} />
      <FeedbackForm key={analysis.id} analysis={analysis} />
    </>
  );
}
