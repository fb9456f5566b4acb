import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  Image,
  type LayoutChangeEvent,
  PixelRatio,
  ScrollView,
  StyleSheet,
  View,
  useWindowDimensions,
} from "react-native";

import { useMediaFile } from "./useMediaFile";
import { formatBand, formatSegmentEnds } from "../i18n/format";
import {
  type Analysis,
  AnalysisService,
  type PictureSize,
} from "../services/server/analysisService";
import { RADIUS } from "../ui/theme";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { Loading } from "../ui/Loading";
import { ProblemNote } from "../ui/ProblemNote";

const FONT_SIZE = 13; // points, before the phone's font scale
const MIN_WIDTH_EM = 24; // narrower, axis labels would fill the picture: it scrolls instead
const ASPECT = 0.72; // height / width
const WIDTH_STEP = 16; // points: resizing a window loads a new picture at these steps only
// The limits of the server, in pixels.
const MIN_HEIGHT = 240;
const MIN_EM = 11;
const MAX_WIDTH = 1920;

/** The spectrogram drawn by the server, with its marks on what deviates from normal. */
export function Spectrogram({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const [availableWidth, setAvailableWidth] = useState(0);
  const onLayout = ({ nativeEvent }: LayoutChangeEvent): void =>
    setAvailableWidth(roundDown(nativeEvent.layout.width));
  return (
    <Card title={t("result.spectrogram")}>
      <View testID="spectrogram-frame" onLayout={onLayout}>
        {availableWidth > 0 && <Picture analysis={analysis} availableWidth={availableWidth} />}
      </View>
      <AppText variant="small" muted>
        {t("result.spectrogramHint")}
      </AppText>
    </Card>
  );
}

type PictureProps = { analysis: Analysis; availableWidth: number };

/** A picture drawn for this screen, so that its text is as large as other text here. */
function Picture({ analysis, availableWidth }: PictureProps): ReactElement {
  const { t } = useTranslation();
  const { fontScale } = useWindowDimensions();
  const fontSize = FONT_SIZE * fontScale;
  const width = Math.max(availableWidth, fontSize * MIN_WIDTH_EM);
  const size = toPixels(width, fontSize);
  const { id, explanation } = analysis;
  const fileName = `spectrogram-${id}-${size.width}-${size.em}`;
  const loadSpectrogram = () => AnalysisService.getSpectrogram(id, size);
  const { uri, problem, reload } = useMediaFile(fileName, loadSpectrogram);
  const segments = explanation.segments.map((segment) =>
    t("result.segment", formatSegmentEnds(segment)),
  );
  const bands = explanation.bands.map((band) => formatBand(t, band));
  const label = t("result.spectrogramLabel", {
    segments: segments.join(", ") || t("result.nothing"),
    bands: bands.join(", ") || t("result.nothing"),
  });
  if (problem) return <ProblemNote problem={problem} onRetry={reload} />;
  if (!uri) return <Loading text={t("result.spectrogramLoading")} />;
  const picture = (
    <Image
      source={{ uri }}
      role="img"
      alt={label}
      style={[styles.picture, { width, height: width * ASPECT }]}
      testID="spectrogram"
    />
  );
  return width > availableWidth ? <ScrollView horizontal>{picture}</ScrollView> : picture;
}

function roundDown(width: number): number {
  return Math.floor(width / WIDTH_STEP) * WIDTH_STEP;
}

/** Convert points to pixels of this screen, within the limits of the server. */
function toPixels(width: number, fontSize: number): PictureSize {
  const minScale = Math.max(MIN_HEIGHT / ASPECT / width, MIN_EM / fontSize);
  const scale = Math.min(Math.max(PixelRatio.get(), minScale), MAX_WIDTH / width);
  const pixels = Math.round(width * scale);
  const em = Math.max(Math.round(fontSize * scale), MIN_EM);
  return { width: pixels, height: Math.round(pixels * ASPECT), em };
}

const styles = StyleSheet.create({ picture: { borderRadius: RADIUS.s, alignSelf: "center" } });
