import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { bandWords } from "../i18n/format";
import { type Analysis, isExplained } from "../services/analysisService";
import { SPACE } from "../theme";
import { Card } from "./Card";
import { ShareBar } from "./RatioBar";
import { Words } from "./AppText";

/** At which frequencies it stands out, and by how much, strongest first. */
export function Bands({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const bands = [...analysis.explanation.bands].sort((a, b) => Math.abs(b.excess_db) - Math.abs(a.excess_db));
  const most = Math.max(...bands.map((band) => Math.abs(band.excess_db)));
  return (
    <Card title={t("result.bands")}>
      {bands.length === 0 && <Words muted>{isExplained(analysis) ? t("result.bandsNone") : t("quality.unexplained")}</Words>}
      {bands.map(({ excess_db, ...band }) => (
        <View key={band.low_hz} style={styles.band}>
          <Words>
            {t(excess_db >= 0 ? "result.bandMore" : "result.bandLess", {
              band: bandWords(t, { excess_db, ...band }),
              db: Math.abs(excess_db).toFixed(1),
            })}
          </Words>
          <ShareBar share={Math.abs(excess_db) / most} />
        </View>
      ))}
    </Card>
  );
}

const styles = StyleSheet.create({ band: { gap: SPACE.xs } });
