import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { traitWords } from "../i18n/format";
import type { Analysis } from "../services/analysisService";
import { SPACE } from "../theme";
import { Card } from "./Card";
import { ShareBar } from "./RatioBar";
import { Words } from "./AppText";

/** Which kinds of sound stand out, strongest first, where the model can tell. */
export function Traits({ analysis }: { analysis: Analysis }): ReactElement | null {
  const { t } = useTranslation();
  const traits = analysis.explanation.traits ?? [];
  const most = Math.max(...traits.map(({ deviations }) => deviations));
  if (traits.length === 0) return null;
  return (
    <Card title={t("result.traits")} testID="traits">
      {traits.map(({ name, deviations }) => (
        <View key={name} style={styles.trait}>
          <Words>{t("result.trait", { trait: traitWords(t, name), deviations: deviations.toFixed(1) })}</Words>
          <ShareBar share={deviations / most} />
        </View>
      ))}
      <Words kind="small" muted>
        {t("result.traitsHint")}
      </Words>
    </Card>
  );
}

const styles = StyleSheet.create({ trait: { gap: SPACE.xs } });
