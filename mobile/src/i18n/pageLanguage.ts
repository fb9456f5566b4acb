/** A phone's screen reader goes by the language of the phone. */
export function declareLanguage(_language: string): void {}
