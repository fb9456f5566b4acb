import { TONES } from "../result/VerdictBanner";
import type { Label } from "../services/server/analysisService";
import type { Palette } from "../ui/theme";

export function getMarkerColor(palette: Palette, label: Label): string {
  return palette.tones[TONES[label]].ink;
}

/** Return an SVG path: a disc, a triangle or a square. */
export function getMarkerPath({ label, x, y }: { label: Label; x: number; y: number }): string {
  if (label === "NORMAL") return `M${x - 5},${y}a5,5 0 1,0 10,0a5,5 0 1,0 -10,0`;
  if (label === "WARNING") return `M${x},${y - 7}l7,12h-14z`;
  return `M${x - 6},${y - 6}h12v12h-12z`;
}
