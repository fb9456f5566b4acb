import type { TFunction } from "i18next";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { machineTypeWords, methodWords } from "../i18n/format";
import { type Model, isUncalibrated } from "../services/analysisService";
import { SPACE, usePalette } from "../theme";
import { Icon } from "./Icon";
import { OptionRow } from "./OptionRow";
import { Tag } from "./Tag";
import { Words } from "./AppText";

type Props = { model: Model; isSelected: boolean; onPress: () => void };

export function ModelRow({ model, isSelected, onPress }: Props): ReactElement {
  const { t } = useTranslation();
  const auc = measured(model, "auc");
  const falseAlarms = measured(model, "false_alarm_rate");
  const isBarred = isUncalibrated(model);
  return (
    <OptionRow
      title={model.name}
      isSelected={isSelected}
      disabled={isBarred}
      onPress={onPress}
      testID={`model-${model.id}`}
    >
      {isBarred && <NotCalibrated />}
      <Words kind="small" muted>
        {kindOf(t, model)}
      </Words>
      {model.description !== "" && <Words muted numberOfLines={3}>{model.description}</Words>}
      <View style={styles.tags}>
        {model.is_default && <Tag isStrong text={t("models.default")} />}
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
    <View style={styles.barred}>
      <Icon name="warning" color={ink} size={20} />
      <Words color={ink} style={styles.why}>
        {t("models.notCalibrated")}
      </Words>
    </View>
  );
}

/** What it listens to, how, and how new it is: "Pump · isolation forest · level 1 · version 3". */
function kindOf(t: TFunction, model: Model): string {
  const method = methodWords(t, model.type.replace(/^level\d+_/, ""));
  const level = t("models.level", { level: model.level });
  const version = t("models.version", { version: model.version });
  return [machineTypeWords(t, model.machine_type), method, level, version].join(" · ");
}

/** A number of the version's evaluation, null where it was not measured. */
function measured(model: Model, name: string): number | null {
  const value = model.metrics[name];
  return typeof value === "number" ? value : null;
}

const styles = StyleSheet.create({
  barred: { flexDirection: "row", alignItems: "center", gap: SPACE.s },
  why: { flex: 1 },
  tags: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
