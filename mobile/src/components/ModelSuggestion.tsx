import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ScrollView, StyleSheet } from "react-native";

import { useModelSuggestion } from "../hooks/useModelSuggestion";
import type { Match, Matches, Model } from "../services/analysisService";
import { SPACE } from "../theme";
import { Button } from "./Button";
import { Note } from "./Note";
import { OptionRow } from "./OptionRow";
import { ProblemNote } from "./ProblemNote";
import { RecordCard } from "./RecordCard";
import { Tag } from "./Tag";
import { UploadProgress } from "./UploadProgress";
import { Words } from "./AppText";

type Props = { selectedId: string | null; onSelect: (model: Model) => void; onBack: () => void };

/** Find the model by the sound of the machine. */
export function ModelSuggestion({ selectedId, onSelect, onBack }: Props): ReactElement {
  const { t } = useTranslation();
  const { step, recorder, pickFile, startOver } = useModelSuggestion();
  return (
    <ScrollView contentContainerStyle={styles.content}>
      <Words muted>{t("models.suggestWhy")}</Words>
      {step.kind === "ready" && step.problem && <ProblemNote problem={step.problem} />}
      {step.kind === "ready" && (
        <RecordCard leastSeconds={0} recorder={recorder} onPickFile={() => void pickFile()} disabled={false} />
      )}
      {step.kind === "sending" && <UploadProgress fraction={step.fraction} seconds={null} />}
      {step.kind === "done" && (
        <>
          <Ranking matches={step.matches} selectedId={selectedId} onSelect={onSelect} />
          <Button icon="mic" label={t("diagnose.again")} onPress={startOver} />
        </>
      )}
      <Button kind="quiet" icon="left" label={t("models.backToList")} onPress={onBack} />
    </ScrollView>
  );
}

type RankingProps = { matches: Matches } & Pick<Props, "selectedId" | "onSelect">;

function Ranking({ matches: { matches, suggestion }, selectedId, onSelect }: RankingProps): ReactElement {
  const { t } = useTranslation();
  return (
    <>
      {suggestion === null && <Note urgent tone="warning" icon="warning" text={t("models.noneFits")} />}
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

function MatchRow({ match: { model, p_value }, isSuggested, isSelected, onPress }: RowProps): ReactElement {
  const { t } = useTranslation();
  const percent = Number((100 * p_value).toPrecision(2));
  return (
    <OptionRow title={model.name} isSelected={isSelected} onPress={onPress} testID={`match-${model.id}`}>
      <Words muted>{t("models.nearly", { percent })}</Words>
      {isSuggested && <Tag isStrong text={t("models.suggested")} />}
    </OptionRow>
  );
}

const styles = StyleSheet.create({ content: { gap: SPACE.m, paddingBottom: SPACE.xl } });
