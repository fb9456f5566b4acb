import { type LinkingOptions, getPathFromState } from "@react-navigation/native";
import { Platform } from "react-native";

import type { Routes } from "./routes";

const BASE = "/app"; // in a browser; an installed app has addresses of its own scheme

/** Which address shows which screen. */
export const linking: LinkingOptions<Routes> = {
  prefixes: ["signalcraft://"],
  config: {
    path: Platform.OS === "web" ? BASE : "",
    initialRouteName: "Tabs", // below a screen that is opened by its address
    screens: {
      Tabs: { screens: { Diagnosis: "", History: "history", Settings: "settings" } },
      Result: "results/:id",
      Machine: "machine",
      Model: "model",
      Suggestion: "model/suggestion",
      Calibration: "calibration/:deviceId/:modelId",
      Help: "help",
      NotFound: "*",
    },
  },
  getPathFromState: (state, options) => {
    const path = getPathFromState(state, options);
    return path === BASE ? `${BASE}/` : path; // the service worker serves what is below
  },
};

/** Return the address of a result, for whoever may sign in at this server. */
export function getResultAddress(server: string, analysisId: string): string {
  return `${server}${BASE}/results/${encodeURIComponent(analysisId)}`;
}
