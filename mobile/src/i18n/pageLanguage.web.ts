/** Tell screen readers how to pronounce what is on the page. */
export function declareLanguage(language: string): void {
  document.documentElement.lang = language;
}
