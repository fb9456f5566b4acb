import { createInstance } from "i18next";
import { initReactI18next } from "react-i18next";

import { en } from "./en";
import { ko } from "./ko";
import { declareLanguage } from "./pageLanguage";
import { type Language, acceptLanguage, rememberLanguage } from "./language";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

export const RESOURCES = { en: { translation: en }, ko: { translation: ko } };

const translator = createInstance();

void translator.use(initReactI18next).init({
  resources: RESOURCES,
  lng: acceptLanguage(),
  fallbackLng: "en",
  initAsync: false, // the texts are here already
  showSupportNotice: false,
  interpolation: { escapeValue: false }, // React escapes
});

declareLanguage(acceptLanguage());

export function speak(language: Language): void {
  declareLanguage(language);
  rememberLanguage(language);
  void translator.changeLanguage(language);
}
