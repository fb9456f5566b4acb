import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { formatFeatureGroup } from "../i18n/format";
import type { Analysis } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { RatioBar } from "../ui/RatioBar";
import { SPACE } from "../ui/theme";

/** Which feature groups deviate, strongest first, where the model reports them. */
export function Contributions({ analysis }: { analysis: Analysis }): ReactElement | null {
  const { t } = useTranslation();
  const contributions = analysis.explanation.traits ?? [];
  const maxDeviations = Math.max(...contributions.map(({ deviations }) => deviations));
  if (contributions.length === 0) return null;
  return (
    <Card title={t("result.contributions")} testID="contributions">
      {contributions.map(({ name, deviations }) => (
        <View key={name} style={styles.contribution}>
          <AppText>
            {t("result.contribution", {
              group: formatFeatureGroup(t, name),
              deviations: deviations.toFixed(1),
            })}
          </AppText>
          <RatioBar ratio={deviations / maxDeviations} />
        </View>
      ))}
      <AppText variant="small" muted>
        {t("result.contributionsHint")}
      </AppText>
    </Card>
  );
}

const styles = StyleSheet.create({ contribution: { gap: SPACE.xs } });
