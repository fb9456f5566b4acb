import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";

import { formatMachineType } from "../i18n/format";
import { useCapabilities } from "../queries/useCapabilities";
import { type Model, isUncalibrated } from "../services/server/analysisService";
import { Button } from "../ui/Button";
import { Column } from "../ui/Column";
import { FilterChips } from "../ui/FilterChips";
import { ListProblem } from "../ui/ListProblem";
import { Loading } from "../ui/Loading";
import { Note } from "../ui/Note";
import { OptionList } from "../ui/OptionList";
import { ModelRow } from "./ModelRow";
import { useModels } from "./useModels";

type Props = {
  deviceType: string | null; // of the chosen machine: the filter at first
  selectedId: string | null;
  onSelect: (model: Model) => void;
  onSuggest: () => void;
};

/** Choose one of the models that the server offers. */
export function ModelList({ deviceType, selectedId, onSelect, onSuggest }: Props): ReactElement {
  const { t } = useTranslation();
  const [filter, setFilter] = useState(deviceType);
  const canMatch = useCapabilities() !== undefined; // older servers have neither
  const allModels = useModels();
  const models = useModels(filter ?? undefined);
  const chips = listMachineTypes(allModels.value ?? [], deviceType).map((type) => ({
    value: type,
    label: formatMachineType(t, type),
  }));

  return (
    <Column>
      {canMatch && (
        <Button icon="mic" label={t("models.suggest")} onPress={onSuggest} />
      )}
      {chips.length > 0 && (
        <FilterChips
          label={t("models.title")}
          chips={[{ value: null, label: t("models.all") }, ...chips]}
          value={filter}
          onChange={setFilter}
        />
      )}
      <ListProblem query={models} />
      <OptionList
        label={t("models.title")}
        options={sortRecommendedFirst(models.value ?? [])}
        keyExtractor={(model) => model.id}
        renderOption={(model) => (
          <ModelRow
            model={model}
            isSelected={model.id === selectedId}
            onPress={() => onSelect(model)}
          />
        )}
        refreshing={models.isLoading}
        onRefresh={models.reload}
        ListEmptyComponent={
          models.isLoading ? (
            <Loading text={t("models.loading")} />
          ) : models.problem ? null : (
            <Note text={filter ? t("models.emptyType") : t("models.empty")} />
          )
        }
      />
    </Column>
  );
}

/** Keep the server's order, but the recommended first, and what cannot be chosen last. */
function sortRecommendedFirst(models: Model[]): Model[] {
  const rank = (model: Model): number => {
    if (isUncalibrated(model)) return 2;
    return model.is_recommended ? 0 : 1;
  };
  return [...models].sort((a, b) => rank(a) - rank(b));
}

function listMachineTypes(models: Model[], deviceType: string | null): string[] {
  const types = models.map((model) => model.machine_type);
  return [...new Set(deviceType ? [deviceType, ...types] : types)];
}
