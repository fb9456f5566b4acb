import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { usePlayback } from "../hooks/usePlayback";
import { useShownFile } from "../hooks/useMediaFile";
import { momentTimes } from "../i18n/format";
import { type Analysis, AnalysisService, isExplained } from "../services/analysisService";
import { SPACE } from "../theme";
import { Button } from "./Button";
import { Card } from "./Card";
import { ProblemNote } from "./ProblemNote";
import { Timeline } from "./Timeline";
import { Waiting } from "./Loading";
import { Words } from "./AppText";

/** When it stands out, with an ear for each of those moments. */
export function Moments({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { uri, problem, reload } = useShownFile(`recording-${analysis.id}`, () =>
    AnalysisService.getRecording(analysis.id),
  );
  return (
    <Card title={t("result.moments")}>
      {uri ? <Playable analysis={analysis} uri={uri} /> : <Timeline analysis={analysis} position={null} />}
      {analysis.explanation.segments.length === 0 && (
        <Words muted>{isExplained(analysis) ? t("result.momentsNone") : t("quality.unexplained")}</Words>
      )}
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {!problem && !uri && <Waiting text={t("result.audioLoading")} />}
    </Card>
  );
}

function Playable({ analysis, uri }: { analysis: Analysis; uri: string }): ReactElement {
  const { t } = useTranslation();
  const { isPlaying, position, play, pause } = usePlayback(uri);
  const { segments } = analysis.explanation;
  return (
    <View style={styles.playable}>
      <Timeline analysis={analysis} position={position} />
      <View style={styles.buttons}>
        {isPlaying ? (
          <Button kind="primary" icon="pause" label={t("result.pause")} onPress={pause} />
        ) : (
          <Button kind="primary" icon="play" label={t("result.playAll")} onPress={() => play(0, Infinity)} />
        )}
        {segments.map((segment) => {
          const times = momentTimes(segment);
          return (
            <Button
              key={segment.start_s}
              icon="play"
              label={t("result.moment", times)}
              spokenLabel={t("result.playMoment", times)}
              onPress={() => play(segment.start_s, segment.end_s)}
            />
          );
        })}
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  playable: { gap: SPACE.m },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
