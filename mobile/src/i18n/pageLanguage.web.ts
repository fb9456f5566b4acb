/** Tell screen readers which language the page is in. */
export function setPageLanguage(language: string): void {
  document.documentElement.lang = language;
}
