import "./src/i18n";
import { QueryClientProvider } from "@tanstack/react-query";
import { StatusBar } from "expo-status-bar";
import { type ReactElement, useEffect } from "react";
import { StyleSheet } from "react-native";
import { SafeAreaProvider, SafeAreaView } from "react-native-safe-area-context";

import { ErrorBoundary } from "./src/ui/ErrorBoundary";
import { queryClient } from "./src/queries/query";
import { useSessionState } from "./src/queries/useSession";
import { MainScreen } from "./src/navigation/MainScreen";
import { SignInScreen } from "./src/signIn/SignInScreen";
import { restoreSession } from "./src/services/server/session";
import { usePalette } from "./src/ui/theme";

export function App(): ReactElement {
  const palette = usePalette();
  return (
    <SafeAreaProvider>
      <QueryClientProvider client={queryClient}>
        <SafeAreaView style={[styles.app, { backgroundColor: palette.background }]}>
          <StatusBar style="auto" />
          <ErrorBoundary>
            <Start />
          </ErrorBoundary>
        </SafeAreaView>
      </QueryClientProvider>
    </SafeAreaProvider>
  );
}

function Start(): ReactElement | null {
  const state = useSessionState();
  useEffect(() => void restoreSession(), []);
  if (state.status === "unknown") return null; // the stored session is being read
  if (state.status === "out") return <SignInScreen wasExpired={state.reason === "expired"} />;
  return <MainScreen key={state.session.server + state.session.email} />;
}

const styles = StyleSheet.create({ app: { flex: 1 } });
