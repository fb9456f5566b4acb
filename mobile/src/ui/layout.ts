import { useWindowDimensions } from "react-native";

const WIDE = 840; // points: two columns fit side by side
const LOW = 480; // points: a phone on its side

/** Whether two columns fit beside each other, as on a tablet. */
export function useIsWide(): boolean {
  return useWindowDimensions().width >= WIDE;
}

/** Whether height is scarce, as on a phone on its side. */
export function useIsLow(): boolean {
  const { width, height } = useWindowDimensions();
  return height < LOW && width > height;
}
