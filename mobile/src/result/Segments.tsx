import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { formatSegmentEnds } from "../i18n/format";
import { type Analysis, AnalysisService, hasExplanation } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { Loading } from "../ui/Loading";
import { ProblemNote } from "../ui/ProblemNote";
import { SPACE } from "../ui/theme";
import { Timeline } from "./Timeline";
import { useMediaFile } from "./useMediaFile";
import { usePlayback } from "./usePlayback";

/** When the recording deviates from normal, with buttons to listen to it. */
export function Segments({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const fileName = `recording-${analysis.id}`;
  const loadRecording = () => AnalysisService.getRecording(analysis.id);
  const { uri, problem, reload } = useMediaFile(fileName, loadRecording);
  const isEmpty = analysis.explanation.segments.length === 0;
  const emptyText = hasExplanation(analysis)
    ? t("result.segmentsNone")
    : t("quality.unexplained");
  return (
    <Card title={t("result.segments")}>
      {uri ? (
        <Player analysis={analysis} uri={uri} />
      ) : (
        <Timeline analysis={analysis} position={null} />
      )}
      {isEmpty && <AppText muted>{emptyText}</AppText>}
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {!problem && !uri && <Loading text={t("result.audioLoading")} />}
    </Card>
  );
}

function Player({ analysis, uri }: { analysis: Analysis; uri: string }): ReactElement {
  const { t } = useTranslation();
  const { isPlaying, position, play, pause } = usePlayback(uri);
  const playAll = (): void => play(0, Infinity);
  return (
    <View style={styles.player}>
      <Timeline analysis={analysis} position={position} />
      <View style={styles.buttons}>
        {isPlaying ? (
          <Button variant="primary" icon="pause" label={t("result.pause")} onPress={pause} />
        ) : (
          <Button variant="primary" icon="play" label={t("result.playAll")} onPress={playAll} />
        )}
        {analysis.explanation.segments.map((segment) => {
          const ends = formatSegmentEnds(segment);
          return (
            <Button
              key={segment.start_s}
              icon="play"
              label={t("result.segment", ends)}
              accessibilityLabel={t("result.playSegment", ends)}
              onPress={() => play(segment.start_s, segment.end_s)}
            />
          );
        })}
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  player: { gap: SPACE.m },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
