import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { RecordCard } from "../recording/RecordCard";
import { UploadProgress } from "../recording/UploadProgress";
import type { Match, Matches, Model } from "../services/server/analysisService";
import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { OptionRow } from "../ui/OptionRow";
import { ProblemNote } from "../ui/ProblemNote";
import { Tag } from "../ui/Tag";
import { useModelSuggestion } from "./useModelSuggestion";

type Props = { selectedId: string | null; onSelect: (model: Model) => void };

/** Find a model by the sound of the machine. */
export function ModelSuggestion({ selectedId, onSelect }: Props): ReactElement {
  const { t } = useTranslation();
  const { step, recorder, pickFile, reset } = useModelSuggestion();
  return (
    <>
      <AppText muted>{t("models.suggestWhy")}</AppText>
      {step.kind === "ready" && step.problem && <ProblemNote problem={step.problem} />}
      {step.kind === "ready" && (
        <RecordCard
          minSeconds={0}
          recorder={recorder}
          onPickFile={() => void pickFile()}
          disabled={false}
        />
      )}
      {step.kind === "sending" && <UploadProgress fraction={step.fraction} seconds={null} />}
      {step.kind === "done" && (
        <>
          <Ranking ranking={step.matches} selectedId={selectedId} onSelect={onSelect} />
          <Button icon="mic" label={t("diagnose.again")} onPress={reset} />
        </>
      )}
    </>
  );
}

type RankingProps = { ranking: Matches } & Pick<Props, "selectedId" | "onSelect">;

function Ranking({ ranking, selectedId, onSelect }: RankingProps): ReactElement {
  const { t } = useTranslation();
  const { matches, suggestion, is_none_of_these } = ranking;
  return (
    <>
      {suggestion === null && (
        <Note
          urgent
          tone="warning"
          icon="warning"
          text={t(is_none_of_these ? "models.noneOfThese" : "models.noneFits")}
        />
      )}
      {matches.map((match) => (
        <MatchRow
          key={match.model.id}
          match={match}
          isSuggested={match.model.id === suggestion}
          isSelected={match.model.id === selectedId}
          onPress={() => onSelect(match.model)}
        />
      ))}
    </>
  );
}

type RowProps = { match: Match; isSuggested: boolean; isSelected: boolean; onPress: () => void };

function MatchRow({ match, isSuggested, isSelected, onPress }: RowProps): ReactElement {
  const { t } = useTranslation();
  const { model, p_value, warnings } = match;
  const percent = Number((100 * p_value).toPrecision(2));
  return (
    <OptionRow
      title={model.name}
      isSelected={isSelected}
      onPress={onPress}
      testID={`match-${model.id}`}
    >
      <AppText muted>{t("models.matchPercent", { percent })}</AppText>
      {warnings.includes("maybe_other_machine") && <Tag text={t("models.maybeOther")} />}
      {isSuggested && <Tag isStrong text={t("models.suggested")} />}
    </OptionRow>
  );
}
