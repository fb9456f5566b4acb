import { createInstance } from "i18next";
import { initReactI18next } from "react-i18next";

import { en } from "./en";
import { ko } from "./ko";
import { type Language, getLanguage, storeLanguage } from "./language";
import { setPageLanguage } from "./pageLanguage";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

export const RESOURCES = { en: { translation: en }, ko: { translation: ko } };

const translator = createInstance();

void translator.use(initReactI18next).init({
  resources: RESOURCES,
  lng: getLanguage(),
  fallbackLng: "en",
  initAsync: false, // the texts are bundled
  showSupportNotice: false,
  interpolation: { escapeValue: false }, // React escapes
});

setPageLanguage(getLanguage());

export function changeLanguage(language: Language): void {
  setPageLanguage(language);
  storeLanguage(language);
  void translator.changeLanguage(language);
}
