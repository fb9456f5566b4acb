import type { ReactElement } from "react";
import { StyleSheet } from "react-native";
import Svg, { Path } from "react-native-svg";

// SVG paths on a grid of 24 by 24.
const PATHS = {
  mic:
    "M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z" +
    "M5 11v1a7 7 0 0 0 14 0v-1M12 19v3M8 22h8",
  stop: "M7 7h10v10H7z",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  wave: "M3 12h2l2-6 3 14 4-17 3 13 2-4h2",
  history: "M3 12a9 9 0 1 0 3-6.7M3 4v5h5M12 7v5l3 2",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4v6M9 14v6",
  right: "M9 5l7 7-7 7",
  down: "M5 9l7 7 7-7",
  left: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  normal: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM8 12.5l3 3 5.5-6",
  warning: "M12 3.5L22 20.5H2zM12 10v5M12 17.6v.4",
  critical: "M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8zM12 7v6M12 16v.5",
  file: "M14 3H6v18h12V7zM14 3v4h4",
  retry: "M20 12a8 8 0 1 1-2.3-5.7M20 3v5h-5",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14",
  offline:
    "M3 3l18 18M8.5 16a5 5 0 0 1 7 0M5 12.5a10 10 0 0 1 5-2.7M12 20v.01" +
    "M14.5 10a10 10 0 0 1 4.5 2.5M2 9a15 15 0 0 1 4.3-2.7M11 5a15 15 0 0 1 11 4",
  send: "M12 20V4M5 11l7-7 7 7",
  machine:
    "M12 8.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM12 2v4M12 18v4M2 12h4M18 12h4" +
    "M5 5l2.8 2.8M16.2 16.2L19 19M19 5l-2.8 2.8M7.8 16.2L5 19",
  link:
    "M10 14a4 4 0 0 0 6 .4l3.5-3.5a4 4 0 0 0-5.7-5.7L12 7" +
    "M14 10a4 4 0 0 0-6-.4l-3.5 3.5a4 4 0 0 0 5.7 5.7L12 17",
  eye:
    "M2 12s4-6.5 10-6.5S22 12 22 12s-4 6.5-10 6.5S2 12 2 12z" +
    "M12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z",
  info: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 11v5M12 7.5v.5",
} as const;

const FILLED = new Set<string>(["stop", "play"]);

export type IconName = keyof typeof PATHS;

type Props = { name: IconName; color: string; size?: number };

/** A decorative icon: the text beside it says the same. */
export function Icon({ name, color, size = 24 }: Props): ReactElement {
  return (
    <Svg width={size} height={size} viewBox="0 0 24 24" style={styles.icon} aria-hidden>
      <Path
        d={PATHS[name]}
        stroke={color}
        strokeWidth={2}
        strokeLinecap="round"
        strokeLinejoin="round"
        fill={FILLED.has(name) ? color : "none"}
      />
    </Svg>
  );
}

// Long text beside an icon must not shrink it.
const styles = StyleSheet.create({ icon: { flexShrink: 0 } });
