import { QueryClientProvider } from "@tanstack/react-query";
import { type RenderResult, render } from "@testing-library/react-native";
import type { ReactElement, ReactNode } from "react";
import { SafeAreaProvider } from "react-native-safe-area-context";

import "../../src/i18n";
import { queryClient } from "../../src/queries/query";

// Garbage collection timers of unused queries would keep the test process alive.
const { queries, mutations } = queryClient.getDefaultOptions();
queryClient.setDefaultOptions({
  queries: { ...queries, gcTime: Infinity },
  mutations: { ...mutations, gcTime: Infinity },
});

const PHONE = {
  frame: { x: 0, y: 0, width: 400, height: 800 },
  insets: { top: 0, left: 0, right: 0, bottom: 0 },
};

export function AppProviders({ children }: { children: ReactNode }): ReactElement {
  return (
    <SafeAreaProvider initialMetrics={PHONE}>
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    </SafeAreaProvider>
  );
}

/** Render an element as the app does, with an empty query cache. */
export function renderInApp(element: ReactElement): RenderResult {
  queryClient.clear();
  return render(element, { wrapper: AppProviders });
}
