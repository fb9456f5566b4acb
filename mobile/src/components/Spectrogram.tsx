import { type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Image, StyleSheet } from "react-native";

import { useShownFile } from "../hooks/useShownFile";
import { bandWords, momentTimes } from "../i18n/words";
import { type Analysis, AnalysisService } from "../services/analysisService";
import { RADIUS } from "../theme";
import { Card } from "./Card";
import { ProblemNote } from "./ProblemNote";
import { Waiting } from "./Waiting";
import { Words } from "./Words";

const WIDTH = 720;
const HEIGHT = 400;

/** What the model heard; the server marks on it what stands out. */
export function Spectrogram({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { id, explanation } = analysis;
  const { uri, problem, reload } = useShownFile(`spectrogram-${id}`, () =>
    AnalysisService.getSpectrogram(id, WIDTH, HEIGHT),
  );
  const segments = explanation.segments.map((segment) => t("result.moment", momentTimes(segment)));
  const bands = explanation.bands.map((band) => bandWords(t, band));
  const label = t("result.spectrogramLabel", {
    segments: segments.join(", ") || t("result.nothing"),
    bands: bands.join(", ") || t("result.nothing"),
  });
  return (
    <Card title={t("result.spectrogram")}>
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {!problem && !uri && <Waiting text={t("result.spectrogramLoading")} />}
      {uri && (
        <Image source={{ uri }} role="img" alt={label} resizeMode="contain" style={styles.picture} testID="spectrogram" />
      )}
      <Words kind="small" muted>
        {t("result.spectrogramHint")}
      </Words>
    </Card>
  );
}

const styles = StyleSheet.create({
  picture: { width: "100%", aspectRatio: WIDTH / HEIGHT, borderRadius: RADIUS.s },
});
