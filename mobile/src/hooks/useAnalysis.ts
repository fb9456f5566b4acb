import { useTranslation } from "react-i18next";

import { AnalysisService, type Analysis } from "../services/analysisService";
import { type Loaded, useLoaded } from "./query";

/** One analysis, its summary in the language of the app. */
export function useAnalysis(id: string): Loaded<Analysis> {
  const { i18n } = useTranslation();
  return useLoaded(["analysis", id, i18n.language], () => AnalysisService.getAnalysis(id));
}
