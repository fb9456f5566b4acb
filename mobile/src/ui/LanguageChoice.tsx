import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { RESOURCES, changeLanguage } from "../i18n";
import { LANGUAGES, type Language } from "../i18n/language";
import { Segmented } from "./Segmented";

export function LanguageChoice(): ReactElement {
  const { t, i18n } = useTranslation();
  const options = LANGUAGES.map((value) => ({
    value,
    label: RESOURCES[value].translation.settings.languageName,
  }));
  return (
    <Segmented<Language>
      label={t("settings.language")}
      options={options}
      value={i18n.language === "ko" ? "ko" : "en"}
      onChange={changeLanguage}
    />
  );
}
