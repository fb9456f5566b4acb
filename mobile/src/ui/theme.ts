import { useColorScheme } from "react-native";

/** One type scale, one spacing scale, two palettes. */
export const TYPE = {
  display: { fontSize: 32, lineHeight: 40, fontWeight: "700" },
  title: { fontSize: 22, lineHeight: 30, fontWeight: "700" },
  heading: { fontSize: 17, lineHeight: 24, fontWeight: "600" },
  body: { fontSize: 17, lineHeight: 25, fontWeight: "400" },
  small: { fontSize: 15, lineHeight: 21, fontWeight: "400" },
} as const;

export const SPACE = { xs: 4, s: 8, m: 16, l: 24, xl: 32 } as const;
export const RADIUS = { s: 10, m: 16, round: 999 } as const;
export const TOUCH = 56; // points: a finger in a glove
export const COLUMN = 720; // points: as wide as a line of text may be

export type Palette = {
  background: string;
  surface: string;
  sunken: string;
  line: string;
  text: string;
  muted: string;
  accent: string;
  onAccent: string;
  accentSoft: string;
  tones: Record<Tone, { ink: string; soft: string }>;
};
export type Tone = "normal" | "warning" | "critical" | "neutral";

const LIGHT: Palette = {
  background: "#F3F6F8",
  surface: "#FFFFFF",
  sunken: "#E8EEF2",
  line: "#D3DDE4",
  text: "#11222D",
  muted: "#4C606D",
  accent: "#0B5D80",
  onAccent: "#FFFFFF",
  accentSoft: "#DCEDF5",
  tones: {
    normal: { ink: "#136B3A", soft: "#DFF3E6" },
    warning: { ink: "#8A4B00", soft: "#FFEED3" },
    critical: { ink: "#A81E17", soft: "#FDE3E0" },
    neutral: { ink: "#3C515E", soft: "#E8EEF2" },
  },
};

const DARK: Palette = {
  background: "#0C1419",
  surface: "#152129",
  sunken: "#1E2D37",
  line: "#2C3E4A",
  text: "#EAF1F5",
  muted: "#A3B6C2",
  accent: "#6CC7EA",
  onAccent: "#062331",
  accentSoft: "#163A4B",
  tones: {
    normal: { ink: "#6FDB9C", soft: "#143324" },
    warning: { ink: "#FFC768", soft: "#3A2B10" },
    critical: { ink: "#FF9A90", soft: "#451A17" },
    neutral: { ink: "#B9C9D3", soft: "#1E2D37" },
  },
};

export function usePalette(): Palette {
  return useColorScheme() === "dark" ? DARK : LIGHT;
}
