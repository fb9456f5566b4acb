/** Do nothing: screen readers on phones use the language of the phone. */
export function setPageLanguage(_language: string): void {}
