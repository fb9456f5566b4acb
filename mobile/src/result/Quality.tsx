import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { formatWarning } from "../i18n/format";
import type { Analysis } from "../services/server/analysisService";
import { Note } from "../ui/Note";

/** What may mislead the verdict, each with its reason; nothing where the recording is good. */
export function Quality({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  return (
    <>
      {analysis.quality.warnings.filter((each) => isRelevant(each, analysis)).map((warning) => (
        <Note
          key={warning}
          tone={analysis.label === "NORMAL" ? "neutral" : "warning"}
          icon="info"
          text={formatWarning(t, warning, analysis.quality)}
        />
      ))}
    </>
  );
}

/** A knock beside a machine that sounds normal does not matter, and the banner says the other. */
function isRelevant(warning: string, { label, quality }: Analysis): boolean {
  if (warning === "transient") return label !== "NORMAL" && !quality.warnings.includes("disturbed");
  return warning !== "unexplained" || label === "NORMAL";
}
