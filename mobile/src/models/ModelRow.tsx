import type { TFunction } from "i18next";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { formatDate, formatMachineType, formatMethod } from "../i18n/format";
import { type Model, isUncalibrated, isUntested } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Icon } from "../ui/Icon";
import { OptionRow } from "../ui/OptionRow";
import { Tag } from "../ui/Tag";
import { SPACE, usePalette } from "../ui/theme";

type Props = { model: Model; isSelected: boolean; onPress: () => void };

export function ModelRow({ model, isSelected, onPress }: Props): ReactElement {
  const { t } = useTranslation();
  const detection = getMetric(model, "detection_rate");
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
      {model.description !== "" && (
        <AppText muted numberOfLines={3}>
          {model.description}
        </AppText>
      )}
      <View style={styles.tags}>
        {model.is_recommended && <Tag isStrong text={t("models.recommended")} />}
        {model.is_default && !model.is_recommended && <Tag text={t("models.default")} />}
        {isUntested(model) && <Tag text={t("models.notTested")} />}
        {detection !== null && (
          <Tag text={t("models.detection", { percent: Math.round(100 * detection) })} />
        )}
        {falseAlarms !== null && (
          <Tag text={t("models.falseAlarms", { percent: Math.round(100 * falseAlarms) })} />
        )}
      </View>
      <AppText variant="small" muted>
        {describeTraining(t, model)}
      </AppText>
      <AppText variant="small" muted>
        {describeModel(t, model)}
      </AppText>
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

/** Tell when and on what it was trained, like "Trained 1 Aug 2026 on 60 recordings of 30 days". */
function describeTraining(t: TFunction, model: Model): string {
  const when = formatDate(model.created_at);
  const nSessions = getMetric(model, "n_sessions"); // older versions lack it
  // Lists stored by older releases of the app lack the number of recordings.
  if (!model.sample_count) return t("models.trained", { when });
  const trained = t("models.trainedOn", { when, count: model.sample_count });
  return nSessions === null ? trained : `${trained}, ${t("models.sessions", { count: nSessions })}`;
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
