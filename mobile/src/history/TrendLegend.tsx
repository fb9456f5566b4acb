import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";
import Svg, { Path } from "react-native-svg";

import { AppText } from "../ui/AppText";
import { SPACE, usePalette } from "../ui/theme";
import { getMarkerColor, getMarkerPath } from "./trendMarker";
import { useHealthSteps } from "./useHealthSteps";

/** The legend for the points and the dashed lines of all charts. */
export function TrendLegend(): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  const [warning, critical] = useHealthSteps();
  return (
    <>
      <View style={styles.legend}>
        {(["NORMAL", "WARNING", "CRITICAL"] as const).map((label) => (
          <View key={label} style={styles.entry}>
            <Svg width={16} height={16} aria-hidden>
              <Path
                d={getMarkerPath({ label, x: 8, y: 8 })}
                fill={getMarkerColor(palette, label)}
              />
            </Svg>
            <AppText variant="small" muted>
              {t(`verdict.${label}`)}
            </AppText>
          </View>
        ))}
      </View>
      {warning !== undefined && (
        <AppText variant="small" muted>
          {t("history.trendLines", { warning, critical })}
        </AppText>
      )}
    </>
  );
}

const styles = StyleSheet.create({
  legend: { flexDirection: "row", gap: SPACE.m, flexWrap: "wrap" },
  entry: { flexDirection: "row", alignItems: "center", gap: SPACE.xs },
});
