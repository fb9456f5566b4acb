import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { FlatList, StyleSheet } from "react-native";

import { useCapabilities } from "../hooks/useCapabilities";
import { useModels } from "../hooks/useModels";
import { machineTypeWords } from "../i18n/format";
import { type Model, isUncalibrated } from "../services/analysisService";
import { Button } from "./Button";
import { FilterChips } from "./FilterChips";
import { ListProblem } from "./ListProblem";
import { ModelRow } from "./ModelRow";
import { ModelSuggestion } from "./ModelSuggestion";
import { Note } from "./Note";
import { Sheet } from "./Sheet";
import { Waiting } from "./Loading";

type Props = {
  deviceType: string | null; // of the machine at hand: where the list begins
  selectedId: string | null;
  onSelect: (model: Model) => void;
  onClose: () => void;
};

/** Pick one of the models that the server offers now. */
export function ModelSelector({ deviceType, selectedId, onSelect, onClose }: Props): ReactElement {
  const { t } = useTranslation();
  const [filter, setFilter] = useState(deviceType);
  const [isListening, setIsListening] = useState(false);
  const { canMatch } = useCapabilities();
  const everything = useModels();
  const models = useModels(filter ?? undefined);
  const chips = typesOf(everything.value ?? [], deviceType).map((type) => ({
    value: type,
    label: machineTypeWords(t, type),
  }));

  if (isListening) {
    return (
      <Sheet title={t("models.suggest")} onClose={onClose}>
        <ModelSuggestion selectedId={selectedId} onSelect={onSelect} onBack={() => setIsListening(false)} />
      </Sheet>
    );
  }
  return (
    <Sheet title={t("models.title")} onClose={onClose}>
      {canMatch && <Button icon="mic" label={t("models.suggest")} onPress={() => setIsListening(true)} />}
      {chips.length > 0 && (
        <FilterChips
          label={t("models.title")}
          chips={[{ value: null, label: t("models.all") }, ...chips]}
          value={filter}
          onChange={setFilter}
        />
      )}
      <ListProblem loaded={models} stale={t("models.stale")} />
      <FlatList
        style={styles.list}
        role="radiogroup"
        aria-label={t("models.title")}
        data={usableFirst(models.value ?? [])}
        keyExtractor={(model) => model.id}
        renderItem={({ item }) => (
          <ModelRow model={item} isSelected={item.id === selectedId} onPress={() => onSelect(item)} />
        )}
        refreshing={models.isLoading}
        onRefresh={models.reload}
        ListEmptyComponent={
          models.isLoading ? (
            <Waiting text={t("models.loading")} />
          ) : models.problem ? null : (
            <Note text={filter ? t("models.emptyType") : t("models.empty")} />
          )
        }
      />
    </Sheet>
  );
}

/** In the server's order, but for those that cannot be picked. */
function usableFirst(models: Model[]): Model[] {
  return [...models.filter((model) => !isUncalibrated(model)), ...models.filter(isUncalibrated)];
}

function typesOf(models: Model[], deviceType: string | null): string[] {
  const types = models.map((model) => model.machine_type);
  return [...new Set(deviceType ? [deviceType, ...types] : types)];
}

const styles = StyleSheet.create({ list: { flex: 1 } });
