import type { TFunction } from "i18next";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { formatMachineType, formatMethod } from "../i18n/format";
import { type Model, isUncalibrated, isUntested } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Icon } from "../ui/Icon";
import { OptionRow } from "../ui/OptionRow";
import { Tag } from "../ui/Tag";
import { SPACE, usePalette } from "../ui/theme";

type Props = { model: Model; isSelected: boolean; onPress: () => void };

export function ModelRow({ model, isSelected, onPress }: Props): ReactElement {
  const { t } = useTranslation();
  const auc = getMetric(model, "auc");
  const falseAlarms = getMetric(model, "false_alarm_rate");
  const isUnusable = isUncalibrated(model);
  return (
    <OptionRow
      title={model.name}
      isSelected={isSelected}
      disabled={isUnusable}
      onPress={onPress}
      testID={`model-${model.id}`}
    >
      {isUnusable && <NotCalibrated />}
      <AppText variant="small" muted>
        {describeModel(t, model)}
      </AppText>
      {model.description !== "" && (
        <AppText muted numberOfLines={3}>
          {model.description}
        </AppText>
      )}
      <View style={styles.tags}>
        {model.is_default && <Tag isStrong text={t("models.default")} />}
        {isUntested(model) && <Tag text={t("models.notTested")} />}
        {auc !== null && <Tag text={t("models.auc", { value: auc.toFixed(2) })} />}
        {falseAlarms !== null && (
          <Tag text={t("models.falseAlarms", { percent: Math.round(100 * falseAlarms) })} />
        )}
      </View>
    </OptionRow>
  );
}

function NotCalibrated(): ReactElement {
  const { t } = useTranslation();
  const { ink } = usePalette().tones.warning;
  return (
    <View style={styles.notCalibrated}>
      <Icon name="warning" color={ink} size={20} />
      <AppText color={ink} style={styles.text}>
        {t("models.notCalibrated")}
      </AppText>
    </View>
  );
}

/** Describe a model in a line, like "Pump · isolation forest · level 1 · version 3". */
function describeModel(t: TFunction, model: Model): string {
  const method = formatMethod(t, model.type.replace(/^level\d+_/, ""));
  const level = t("models.level", { level: model.level });
  const version = t("models.version", { version: model.version });
  return [formatMachineType(t, model.machine_type), method, level, version].join(" · ");
}

/** Return a metric of the version's evaluation, or null where there is none. */
function getMetric(model: Model, name: string): number | null {
  const value = model.metrics[name];
  return typeof value === "number" ? value : null;
}

const styles = StyleSheet.create({
  notCalibrated: { flexDirection: "row", alignItems: "center", gap: SPACE.s },
  text: { flex: 1 },
  tags: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
