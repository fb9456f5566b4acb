import type { ReactElement, ReactNode } from "react";
import { Text, type TextProps } from "react-native";

import { TYPE, usePalette } from "../theme";

const LEVELS: Partial<Record<keyof typeof TYPE, number>> = { display: 1, title: 1, heading: 2 };

type Props = {
  kind?: keyof typeof TYPE;
  muted?: boolean;
  color?: string;
  children: ReactNode;
} & Pick<TextProps, "style" | "numberOfLines" | "maxFontSizeMultiplier" | "testID" | "role" | "aria-live">;

/** All text of the app, in one of the sizes of the scale. */
export function Words({ kind = "body", muted = false, color, style, children, ...rest }: Props): ReactElement {
  const palette = usePalette();
  const level = LEVELS[kind];
  const heading = level ? ({ role: "heading", "aria-level": level } as const) : {};
  // Korean lines end between words, as index.html has it for browsers.
  return (
    <Text lineBreakStrategyIOS="hangul-word" {...heading} {...rest} style={[TYPE[kind], { color: color ?? (muted ? palette.muted : palette.text) }, style]}>
      {children}
    </Text>
  );
}
