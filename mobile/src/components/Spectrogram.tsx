import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { Image, PixelRatio, ScrollView, StyleSheet, View, useWindowDimensions } from "react-native";

import { useShownFile } from "../hooks/useMediaFile";
import { bandWords, momentTimes } from "../i18n/format";
import { type Analysis, AnalysisService, type PictureSize } from "../services/analysisService";
import { RADIUS } from "../theme";
import { Card } from "./Card";
import { ProblemNote } from "./ProblemNote";
import { Waiting } from "./Loading";
import { Words } from "./AppText";

const LETTERS = 13; // points, before the text is enlarged
const LEAST_LETTERS_WIDE = 24; // a narrower picture would be nearly all numbers: this one is scrolled instead
const SHAPE = 0.72; // height for each point of width
const ROOM_STEP = 16; // points, so that a window that is being resized does not ask for a picture at every one
// What the server draws, in pixels.
const MIN_HEIGHT = 240;
const MIN_EM = 11;
const MAX_WIDTH = 1920;

/** What the model heard; the server marks on it what stands out. */
export function Spectrogram({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const [room, setRoom] = useState(0);
  return (
    <Card title={t("result.spectrogram")}>
      <View testID="spectrogram-frame" onLayout={({ nativeEvent }) => setRoom(stepped(nativeEvent.layout.width))}>
        {room > 0 && <Picture analysis={analysis} room={room} />}
      </View>
      <Words kind="small" muted>
        {t("result.spectrogramHint")}
      </Words>
    </Card>
  );
}

/** Drawn by the server for just this screen, so that its letters are as large as others here. */
function Picture({ analysis, room }: { analysis: Analysis; room: number }): ReactElement {
  const { t } = useTranslation();
  const { fontScale } = useWindowDimensions();
  const letters = LETTERS * fontScale;
  const width = Math.max(room, letters * LEAST_LETTERS_WIDE);
  const size = pixelsOf(width, letters);
  const { id, explanation } = analysis;
  const { uri, problem, reload } = useShownFile(`spectrogram-${id}-${size.width}-${size.em}`, () =>
    AnalysisService.getSpectrogram(id, size),
  );
  const segments = explanation.segments.map((segment) => t("result.moment", momentTimes(segment)));
  const bands = explanation.bands.map((band) => bandWords(t, band));
  const label = t("result.spectrogramLabel", {
    segments: segments.join(", ") || t("result.nothing"),
    bands: bands.join(", ") || t("result.nothing"),
  });
  if (problem) return <ProblemNote problem={problem} onRetry={reload} />;
  if (!uri) return <Waiting text={t("result.spectrogramLoading")} />;
  const picture = (
    <Image
      source={{ uri }}
      role="img"
      alt={label}
      style={[styles.picture, { width, height: width * SHAPE }]}
      testID="spectrogram"
    />
  );
  return width > room ? <ScrollView horizontal>{picture}</ScrollView> : picture;
}

function stepped(room: number): number {
  return Math.floor(room / ROOM_STEP) * ROOM_STEP;
}

/** As many pixels as the screen has, or more where those are fewer than the server draws. */
function pixelsOf(width: number, letters: number): PictureSize {
  const least = Math.max(MIN_HEIGHT / SHAPE / width, MIN_EM / letters);
  const scale = Math.min(Math.max(PixelRatio.get(), least), MAX_WIDTH / width);
  const pixels = Math.round(width * scale);
  const em = Math.max(Math.round(letters * scale), MIN_EM);
  return { width: pixels, height: Math.round(pixels * SHAPE), em };
}

const styles = StyleSheet.create({ picture: { borderRadius: RADIUS.s, alignSelf: "center" } });
