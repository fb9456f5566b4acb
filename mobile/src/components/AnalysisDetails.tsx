import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { calibrationNoteWords, momentWords } from "../i18n/format";
import type { Analysis } from "../services/analysisService";
import { Card } from "./Card";
import { Fact } from "./DetailRow";
import { Words } from "./AppText";

const LEAST_P_VALUE = 1e-4; // the server claims no rarer

/** What judged the recording, and how its answer is meant. */
export function Facts({ analysis }: { analysis: Analysis }): ReactElement {
  const { t } = useTranslation();
  const { p_value, health_score, model, calibration, device_id, recorded_at, created_at } = analysis;
  const isLeast = p_value <= LEAST_P_VALUE;
  return (
    <Card>
      <Fact label={t("result.health")} value={t("result.healthValue", { value: Math.round(health_score) })} />
      <Fact
        label={t("result.pValue")}
        value={isLeast ? t("result.pValueAtMost", { value: LEAST_P_VALUE }) : String(Number(p_value.toPrecision(2)))}
        hint={t("result.pValueMeaning")}
      />
      <Fact
        label={t("result.model")}
        value={t("result.modelVersion", { model: model.id, version: model.version })}
        hint={t("result.calibration", { n: calibration.n })}
      />
      {calibration.notes.map((note) => (
        <Words key={note} kind="small" muted>
          {calibrationNoteWords(t, note)}
        </Words>
      ))}
      {device_id && <Fact label={t("result.device")} value={device_id} />}
      <Fact label={t("result.recordedAt")} value={momentWords(recorded_at ?? created_at)} />
    </Card>
  );
}
