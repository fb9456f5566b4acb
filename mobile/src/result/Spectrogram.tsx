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

import { formatBand, formatSegmentEnds } from "../i18n/format";
import { useCapabilities } from "../queries/useCapabilities";
import {
  type Analysis,
  AnalysisService,
  type Capabilities,
  type PictureSize,
} from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { Loading } from "../ui/Loading";
import { ProblemNote } from "../ui/ProblemNote";
import { RADIUS } from "../ui/theme";
import { useMediaFile } from "./useMediaFile";

const FONT_SIZE = 13; // points, before the phone's font scale
const MIN_WIDTH_EM = 24; // narrower, axis labels would fill the picture: it scrolls instead
const ASPECT = 0.72; // height / width
const MAX_WIDTH = 1920; // pixels: more could not be told apart
const WIDTH_STEP = 16; // points: resizing a window loads a new picture at these steps only

/** The spectrogram drawn by the server, with its marks on what deviates from normal. */
export function Spectrogram({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const limits = useCapabilities()?.spectrogram;
  const [availableWidth, setAvailableWidth] = useState(0);
  const onLayout = ({ nativeEvent }: LayoutChangeEvent): void =>
    setAvailableWidth(roundDown(nativeEvent.layout.width));
  return (
    <Card title={t("result.spectrogram")}>
      <View testID="spectrogram-frame" onLayout={onLayout}>
        {limits && availableWidth > 0 && (
          <Picture analysis={analysis} availableWidth={availableWidth} limits={limits} />
        )}
      </View>
      <AppText variant="small" muted>
        {t("result.spectrogramHint")}
      </AppText>
    </Card>
  );
}

type Limits = Capabilities["spectrogram"];
type PictureProps = { analysis: Analysis; availableWidth: number; limits: Limits };

/** A picture drawn for this screen, so that its text is as large as other text here. */
function Picture({ analysis, availableWidth, limits }: PictureProps): ReactElement {
  const { t } = useTranslation();
  const { fontScale } = useWindowDimensions();
  const fontSize = FONT_SIZE * fontScale;
  const width = Math.max(availableWidth, fontSize * MIN_WIDTH_EM);
  const size = toPixels(width, fontSize, limits);
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
      aria-label={label}
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
function toPixels(width: number, fontSize: number, limits: Limits): PictureSize {
  const { min_width, max_width, min_height, max_height, min_em, max_em } = limits;
  const minWidth = Math.max(min_width, min_height / ASPECT);
  const maxWidth = Math.min(max_width, max_height / ASPECT, MAX_WIDTH);
  const minScale = Math.max(minWidth / width, min_em / fontSize);
  const scale = Math.min(Math.max(PixelRatio.get(), minScale), maxWidth / width);
  const pixels = Math.round(width * scale);
  const em = Math.min(Math.max(Math.round(fontSize * scale), min_em), max_em);
  return { width: pixels, height: Math.round(pixels * ASPECT), em };
}

const styles = StyleSheet.create({ picture: { borderRadius: RADIUS.s, alignSelf: "center" } });
