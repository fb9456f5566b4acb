import type { TFunction } from "i18next";

import type { Analysis } from "../services/analysisService";
import type { Problem } from "../services/problem";
import { en } from "./en";
import { acceptLanguage } from "./language";

type Band = Analysis["explanation"]["bands"][number];
type Segment = Analysis["explanation"]["segments"][number];

// Words for what arrives from the server and may be newer than this app.

export function problemWords(t: TFunction, problem: Problem): string {
  if (problem.kind === "rejected" || problem.kind === "server") return codeWords(t, problem);
  return t(`problem.${problem.kind}`);
}

type Coded = { code: string; detail?: string };

function codeWords(t: TFunction, { code, detail = "" }: Coded): string {
  if (isKnown(en.codes, code)) return t(`codes.${code}`);
  return code === "unreadable_answer" ? t("problem.unreadable_answer") : t("problem.unknown", { code, detail });
}

/** Why one of several recordings was refused, with its number. */
export function clipRefusalWords(t: TFunction, code: string, number: number): string {
  return t("calibration.refusedClip", { number, why: codeWords(t, { code }) });
}

export function warningWords(t: TFunction, warning: string): string {
  return isKnown(en.quality, warning) ? t(`quality.${warning}`) : t("quality.other", { warning });
}

export function calibrationNoteWords(t: TFunction, note: string): string {
  return isKnown(en.calibrationNotes, note) ? t(`calibrationNotes.${note}`) : t("quality.other", { warning: note });
}

export function roleWords(t: TFunction, role: string): string {
  return isKnown(en.roles, role) ? t(`roles.${role}`) : role;
}

export function traitWords(t: TFunction, trait: string): string {
  return isKnown(en.traits, trait) ? t(`traits.${trait}`) : trait;
}

export function machineTypeWords(t: TFunction, slug: string): string {
  return isKnown(en.machineTypes, slug) ? t(`machineTypes.${slug}`) : slug;
}

/** How a type of model listens, from its name without the level. */
export function methodWords(t: TFunction, method: string): string {
  return isKnown(en.methods, method) ? t(`methods.${method}`) : method.replaceAll("_", " ");
}

function isKnown<T extends object>(words: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(words, key);
}

export function momentWords(iso: string): string {
  const format = new Intl.DateTimeFormat(acceptLanguage(), { dateStyle: "medium", timeStyle: "short" });
  return format.format(new Date(iso));
}

export function dayWords(iso: string): string {
  return new Intl.DateTimeFormat(acceptLanguage(), { dateStyle: "medium" }).format(new Date(iso));
}

/** As many digits as tell scores apart, whatever a detector's units are. */
export function scoreWords(value: number): string {
  return new Intl.NumberFormat(acceptLanguage(), { maximumSignificantDigits: 4 }).format(value);
}

export function bandWords(t: TFunction, { low_hz, high_hz }: Band): string {
  const words = (digits: number): [string, string] => [frequencyWords(low_hz, digits), frequencyWords(high_hz, digits)];
  const [low, high] = toldApart(words);
  return t("result.band", { low, high });
}

function frequencyWords(hz: number, digits: number): string {
  return hz >= 1000 ? `${(hz / 1000).toFixed(digits)} kHz` : `${Math.round(hz)} Hz`;
}

export function momentTimes({ start_s, end_s }: Segment): { start: string; end: string } {
  const [start, end] = toldApart((digits) => [start_s.toFixed(digits), end_s.toFixed(digits)]);
  return { start, end };
}

/** Both ends of a short stretch with one digit, or with two where one would make them the same. */
function toldApart(words: (digits: number) => [string, string]): [string, string] {
  const [low, high] = words(1);
  return low === high ? words(2) : [low, high];
}
