import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import type { DemoKind } from "../services/server/analysisService";
import type { Problem } from "../services/server/problem";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { SPACE } from "../ui/theme";
import type { Diagnosis } from "./useDiagnosis";

const KINDS: DemoKind[] = ["healthy", "faulty"];

/** Recordings of the demo's machines, to see a verdict without a machine. */
export function DemoButtons({ diagnosis }: { diagnosis: Diagnosis }): ReactElement | null {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<Problem | null>(null);
  const { demo, tryDemo } = diagnosis;
  if (!demo) return null;
  return (
    <View style={styles.demo}>
      <AppText variant="small" muted>
        {t("diagnose.demo", { name: demo.name })}
      </AppText>
      <View style={styles.buttons}>
        {KINDS.map((kind) => (
          <Button
            key={kind}
            variant="quiet"
            label={t(`diagnose.demoKinds.${kind}`)}
            onPress={() => void tryDemo(kind).then(setProblem)}
          />
        ))}
      </View>
      {problem && <ProblemNote problem={problem} />}
    </View>
  );
}

const styles = StyleSheet.create({
  demo: { alignItems: "center" },
  buttons: { flexDirection: "row", flexWrap: "wrap", justifyContent: "center", gap: SPACE.s },
});
