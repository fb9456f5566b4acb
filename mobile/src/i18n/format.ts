import type { TFunction } from "i18next";

import type { Analysis } from "../services/server/analysisService";
import { type Problem, getNeededSeconds } from "../services/server/problem";
import { en } from "./en";
import { getLanguage } from "./language";

type Band = Analysis["explanation"]["bands"][number];
type Segment = Analysis["explanation"]["segments"][number];

const MAX_WAIT_IN_SECONDS = 120;

// A newer server may send codes and names that this app does not know: those are shown as sent.

export function formatProblem(t: TFunction, problem: Problem): string {
  if (problem.kind === "rejected" || problem.kind === "server") return formatCode(t, problem);
  if (problem.kind === "throttled" || problem.kind === "locked_out") {
    const { kind, retryAfterS } = problem;
    if (retryAfterS === null) return t(`problem.${kind}`);
    return t(`problem.${kind}For`, { wait: formatWait(t, retryAfterS) });
  }
  return t(`problem.${problem.kind}`);
}

function formatWait(t: TFunction, seconds: number): string {
  if (seconds <= MAX_WAIT_IN_SECONDS) return t("units.seconds", { seconds });
  return t("units.minutes", { minutes: Math.ceil(seconds / 60) });
}

type ServerError = { code: string; detail?: string };

function formatCode(t: TFunction, { code, detail = "" }: ServerError): string {
  const seconds = code === "recording_too_short" ? getNeededSeconds(detail) : null;
  if (seconds !== null) return t("problem.tooShort", { seconds });
  if (isKnown(en.codes, code)) return t(`codes.${code}`);
  if (code === "unreadable_answer") return t("problem.unreadable_answer");
  return t("problem.unknown", { code, detail });
}

/** Say why one of several recordings was refused, with its number. */
export function formatClipRefusal(t: TFunction, code: string, number: number): string {
  return t("calibration.refusedClip", { number, why: formatCode(t, { code }) });
}

export function formatWarning(
  t: TFunction,
  warning: string,
  quality?: Analysis["quality"],
): string {
  if (!isKnown(en.quality, warning)) return t("quality.other", { warning });
  const seconds = (quality?.dropout_s ?? 0).toFixed(2);
  return t(`quality.${warning}`, { gaps: quality?.dropouts ?? 0, seconds });
}

export function formatCalibrationNote(t: TFunction, note: string): string {
  if (isKnown(en.calibrationNotes, note)) return t(`calibrationNotes.${note}`);
  return t("quality.other", { warning: note });
}

/** Format the notes of an analysis's calibration. */
export function formatCalibrationNotes(
  t: TFunction,
  { id, n, notes }: Analysis["calibration"],
): string[] {
  return notes.map((note) => {
    // A later calibration adjusts the version's own thresholds, so its n says nothing of them.
    const isOwnCalibration = id === null;
    if (note === "extrapolated" && isOwnCalibration) return t("result.extrapolated", { n });
    return formatCalibrationNote(t, note);
  });
}

export function formatRole(t: TFunction, role: string): string {
  return isKnown(en.roles, role) ? t(`roles.${role}`) : role;
}

export function formatFeatureGroup(t: TFunction, group: string): string {
  return isKnown(en.featureGroups, group) ? t(`featureGroups.${group}`) : group;
}

export function formatFault(t: TFunction, code: string): string {
  return isKnown(en.faults, code) ? t(`faults.${code}`) : code;
}

export function formatMachineType(t: TFunction, slug: string): string {
  return isKnown(en.machineTypes, slug) ? t(`machineTypes.${slug}`) : slug;
}

/** Name the method of a model, from its type without the level. */
export function formatMethod(t: TFunction, method: string): string {
  return isKnown(en.methods, method) ? t(`methods.${method}`) : method.replaceAll("_", " ");
}

function isKnown<T extends object>(texts: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(texts, key);
}

export function formatDateTime(iso: string): string {
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(getLanguage(), style).format(new Date(iso));
}

export function formatDate(iso: string): string {
  return new Intl.DateTimeFormat(getLanguage(), { dateStyle: "medium" }).format(new Date(iso));
}

/** Format a score with four significant digits, in whatever units the detector has. */
export function formatScore(value: number): string {
  return new Intl.NumberFormat(getLanguage(), { maximumSignificantDigits: 4 }).format(value);
}

export function formatBand(t: TFunction, { low_hz, high_hz }: Band): string {
  const [low, high] = formatDistinct((digits) => [
    formatFrequency(low_hz, digits),
    formatFrequency(high_hz, digits),
  ]);
  return t("result.band", { low, high });
}

function formatFrequency(hz: number, digits: number): string {
  return hz >= 1000 ? `${(hz / 1000).toFixed(digits)} kHz` : `${Math.round(hz)} Hz`;
}

export function formatSegmentEnds({ start_s, end_s }: Segment): { start: string; end: string } {
  const [start, end] = formatDistinct((digits) => [start_s.toFixed(digits), end_s.toFixed(digits)]);
  return { start, end };
}

/** Format both ends of a range with one digit, or with two where one would make them equal. */
function formatDistinct(format: (digits: number) => [string, string]): [string, string] {
  const [low, high] = format(1);
  return low === high ? format(2) : [low, high];
}
