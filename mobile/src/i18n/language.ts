import { getLocales } from "expo-localization";

import { readNote, writeNote } from "../services/storage";

export type Language = "en" | "ko";
export const LANGUAGES: Language[] = ["en", "ko"];

const NOTE = "language";

function isLanguage(text: string | null | undefined): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** The language that was chosen, else the phone's, else English. */
function preferredLanguage(): Language {
  const chosen = readNote(NOTE);
  if (isLanguage(chosen)) return chosen;
  const spoken = getLocales()[0]?.languageCode;
  return isLanguage(spoken) ? spoken : "en";
}

let language = preferredLanguage();

export function acceptLanguage(): Language {
  return language;
}

export function rememberLanguage(chosen: Language): void {
  language = chosen;
  writeNote(NOTE, chosen);
}
