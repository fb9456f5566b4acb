import { getLocales } from "expo-localization";

import { readItem, writeItem } from "../services/storage/storage";

export type Language = "en" | "ko";
export const LANGUAGES: Language[] = ["en", "ko"];

const ITEM = "language";

function isLanguage(text: string | null | undefined): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** Return the language chosen in the app, else that of the phone, else English. */
function readLanguage(): Language {
  const stored = readItem(ITEM);
  if (isLanguage(stored)) return stored;
  const phoneLanguage = getLocales()[0]?.languageCode;
  return isLanguage(phoneLanguage) ? phoneLanguage : "en";
}

let language = readLanguage();

export function getLanguage(): Language {
  return language;
}

export function storeLanguage(chosen: Language): void {
  language = chosen;
  writeItem(ITEM, chosen);
}
