import { AppState } from "react-native";

import type { Watchdog } from "./watchdog";

/** Interrupt a recording when the app leaves the screen, where phones pause it; returns a stop. */
export function watchAppState(watchdog: Watchdog): () => void {
  const subscription = AppState.addEventListener("change", (status) => {
    if (status === "background") watchdog.interrupt("interrupted");
  });
  return () => subscription.remove();
}
