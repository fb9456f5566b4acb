import { NavigationContainer } from "@react-navigation/native";
import { QueryClientProvider } from "@tanstack/react-query";
import { type RenderResult, act, render } from "@testing-library/react-native";
import type { ReactElement, ReactNode } from "react";
import { Linking } from "react-native";
import { SafeAreaProvider } from "react-native-safe-area-context";

import "../../src/i18n";
import { DiagnosisProvider } from "../../src/diagnosis/DiagnosisContext";
import { Navigation } from "../../src/navigation/Navigation";
import { queryClient } from "../../src/queries/query";
import { getOwner } from "../../src/services/server/session";
import { CAPABILITIES, SESSION } from "./examples";

// Garbage collection timers of unused queries would keep the test process alive.
const { queries, mutations } = queryClient.getDefaultOptions();
queryClient.setDefaultOptions({
  queries: { ...queries, gcTime: Infinity },
  mutations: { ...mutations, gcTime: Infinity },
});
queryClient.setQueryDefaults(["media"], { gcTime: Infinity });

const PHONE = {
  frame: { x: 0, y: 0, width: 400, height: 800 },
  insets: { top: 0, left: 0, right: 0, bottom: 0 },
};

/** What surrounds every part of the app: sizes of the phone, answers of the server, addresses. */
export function AppProviders({ children }: { children: ReactNode }): ReactElement {
  return (
    <Phone>
      <NavigationContainer>{children}</NavigationContainer>
    </Phone>
  );
}

function Phone({ children }: { children: ReactNode }): ReactElement {
  return (
    <SafeAreaProvider initialMetrics={PHONE}>
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    </SafeAreaProvider>
  );
}

/** Forget every answer of the server but its limits. */
export function prepareAnswers(): void {
  queryClient.clear();
  for (const owner of ["", getOwner(SESSION)]) {
    queryClient.setQueryData(["capabilities", owner], CAPABILITIES);
  }
}

/** Open the app at an address, as somebody who is signed in. */
export async function openApp(address: string): Promise<RenderResult> {
  prepareAnswers();
  return reopenApp(address);
}

/** Open the app with what it knows of the server. */
export async function reopenApp(address: string): Promise<RenderResult> {
  jest.spyOn(Linking, "getInitialURL").mockResolvedValue(`signalcraft://${address}`);
  const app = (
    <DiagnosisProvider>
      <Navigation />
    </DiagnosisProvider>
  );
  const rendered = render(app, { wrapper: Phone });
  await act(async () => undefined); // the address is read
  return rendered;
}

/** Render an element as the app does, with an empty query cache. */
export function renderInApp(element: ReactElement): RenderResult {
  prepareAnswers();
  return render(element, { wrapper: AppProviders });
}
