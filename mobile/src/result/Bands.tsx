import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { formatBand } from "../i18n/format";
import { type Analysis, hasExplanation } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { RatioBar } from "../ui/RatioBar";
import { SPACE } from "../ui/theme";

type Band = Analysis["explanation"]["bands"][number];

/** The frequency bands that deviate from normal, strongest first. */
export function Bands({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const bands = [...analysis.explanation.bands].sort(compareByExcess);
  const maxExcess = Math.max(...bands.map((band) => Math.abs(band.excess_db)));
  const emptyText = hasExplanation(analysis) ? t("result.bandsNone") : t("quality.unexplained");
  return (
    <Card title={t("result.bands")}>
      {bands.length === 0 && <AppText muted>{emptyText}</AppText>}
      {bands.map((band) => (
        <View key={band.low_hz} style={styles.band}>
          <AppText>
            {t(band.excess_db >= 0 ? "result.bandMore" : "result.bandLess", {
              band: formatBand(t, band),
              db: Math.abs(band.excess_db).toFixed(1),
            })}
          </AppText>
          <RatioBar ratio={Math.abs(band.excess_db) / maxExcess} />
        </View>
      ))}
    </Card>
  );
}

function compareByExcess(one: Band, other: Band): number {
  return Math.abs(other.excess_db) - Math.abs(one.excess_db);
}

const styles = StyleSheet.create({ band: { gap: SPACE.xs } });
