import type { ReactElement, ReactNode } from "react";
import { Text, type TextProps } from "react-native";

import { TYPE, usePalette } from "./theme";

type Variant = keyof typeof TYPE;

const HEADING_LEVELS: Partial<Record<Variant, number>> = { display: 1, title: 1, heading: 2 };

type Props = {
  variant?: Variant;
  muted?: boolean;
  color?: string;
  children: ReactNode;
} & Pick<
  TextProps,
  "style" | "numberOfLines" | "maxFontSizeMultiplier" | "testID" | "role" | "aria-live"
>;

/** All text of the app, in one of the sizes of the type scale. */
export function AppText({
  variant = "body",
  muted = false,
  color,
  role,
  style,
  children,
  ...rest
}: Props): ReactElement {
  const palette = usePalette();
  const level = role === undefined ? HEADING_LEVELS[variant] : undefined;
  const heading = level ? ({ role: "heading", "aria-level": level } as const) : { role };
  const textColor = color ?? (muted ? palette.muted : palette.text);
  return (
    <Text
      lineBreakStrategyIOS="hangul-word" // break Korean between words, as index.html does
      {...heading}
      {...rest}
      style={[TYPE[variant], { color: textColor }, style]}
    >
      {children}
    </Text>
  );
}
