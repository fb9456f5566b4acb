import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { LEAST_CLIPS, MOST_CLIPS, type Take } from "../hooks/useDeviceCalibration";
import { SPACE } from "../theme";
import { Button } from "./Button";
import { Card } from "./Card";
import { Words } from "./AppText";

type Props = { takes: Take[]; onDrop: (take: Take) => void };

/** The recordings so far, in the order in which the server would number them. */
export function TakeList({ takes, onDrop }: Props): ReactElement {
  const { t } = useTranslation();
  const missing = LEAST_CLIPS - takes.length;
  return (
    <Card title={t("calibration.takes", { count: takes.length, most: MOST_CLIPS })}>
      {takes.map((take, index) => {
        const { seconds, name } = take.clip;
        const what = seconds === null ? name : t("diagnose.seconds", { seconds: seconds.toFixed(1) });
        const number = index + 1;
        return (
          <View key={take.key} style={styles.take} testID="take">
            <Words style={styles.name}>{t("calibration.take", { number, what })}</Words>
            <Button
              kind="quiet"
              icon="trash"
              label={t("actions.delete")}
              spokenLabel={t("calibration.drop", { number })}
              onPress={() => onDrop(take)}
            />
          </View>
        );
      })}
      {missing > 0 && <Words muted>{t("calibration.missing", { count: missing })}</Words>}
    </Card>
  );
}

const styles = StyleSheet.create({
  take: { flexDirection: "row", flexWrap: "wrap", alignItems: "center", gap: SPACE.s },
  name: { flex: 1 },
});
