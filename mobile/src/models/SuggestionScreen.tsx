import type { ReactElement } from "react";

import { useSharedDiagnosis } from "../diagnosis/DiagnosisContext";
import { useAppNavigation } from "../navigation/routes";
import { Page } from "../ui/Page";
import { ModelSuggestion } from "./ModelSuggestion";

/** Have the server suggest a model, and choose one of those that it ranked. */
export function SuggestionScreen(): ReactElement {
  const { model, chooseModel } = useSharedDiagnosis();
  const navigation = useAppNavigation();
  return (
    <Page>
      <ModelSuggestion
        selectedId={model?.id ?? null}
        onSelect={(chosen) => {
          chooseModel(chosen);
          navigation.navigate("Tabs", { screen: "Diagnosis" }, { pop: true });
        }}
      />
    </Page>
  );
}
