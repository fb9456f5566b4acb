import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatWarning } from "../i18n/format";
import { useAppNavigation } from "../navigation/routes";
import type { Analysis } from "../services/server/analysisService";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";

/** Doubts about the choice of the model. */
const DOUBTS = ["not_this_machine", "maybe_other_machine"];

/** What may mislead the verdict, each with its reason; nothing where the recording is good. */
export function Quality({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const navigation = useAppNavigation();
  const warnings = analysis.quality.warnings.filter((each) => isRelevant(each, analysis));
  return (
    <>
      {warnings.map((warning) => (
        <Note
          key={warning}
          tone={analysis.label === "NORMAL" ? "neutral" : "warning"}
          icon="info"
          text={formatWarning(t, warning, analysis.quality)}
        />
      ))}
      {warnings.some((each) => DOUBTS.includes(each)) && (
        <Button
          icon="mic"
          label={t("models.suggest")}
          onPress={() => navigation.navigate("Suggestion")}
        />
      )}
    </>
  );
}

/** A knock beside a normal machine does not matter; of two doubts the stronger is shown. */
function isRelevant(warning: string, { label, quality }: Analysis): boolean {
  const { warnings } = quality;
  if (warning === "transient") return label !== "NORMAL" && !warnings.includes("disturbed");
  if (warning === "maybe_other_machine") return !warnings.includes("not_this_machine");
  return warning !== "unexplained" || label === "NORMAL";
}
