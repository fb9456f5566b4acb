import "./src/i18n";
import { PersistQueryClientProvider } from "@tanstack/react-query-persist-client";
import { StatusBar } from "expo-status-bar";
import { type ReactElement, useEffect } from "react";
import { KeyboardAvoidingView, Platform, StyleSheet } from "react-native";
import { SafeAreaProvider } from "react-native-safe-area-context";

import { DiagnosisProvider } from "./src/diagnosis/DiagnosisContext";
import { Navigation } from "./src/navigation/Navigation";
import { useAutomaticSending } from "./src/outbox/useOutbox";
import { queryClient } from "./src/queries/query";
import { persistOptions } from "./src/queries/stored";
import { useSessionState } from "./src/queries/useSession";
import { restoreSession } from "./src/services/server/session";
import { SignInScreen } from "./src/signIn/SignInScreen";
import { ErrorBoundary } from "./src/ui/ErrorBoundary";
import { usePalette } from "./src/ui/theme";

export function App(): ReactElement {
  const palette = usePalette();
  return (
    <SafeAreaProvider>
      <PersistQueryClientProvider client={queryClient} persistOptions={persistOptions}>
        <KeyboardAvoidingView
          // On Android, so that the keyboard covers no button; iOS moves what scrolls.
          behavior={Platform.OS === "android" ? "padding" : undefined}
          style={[styles.app, { backgroundColor: palette.background }]}
        >
          <StatusBar style="auto" />
          <ErrorBoundary>
            <Start />
          </ErrorBoundary>
        </KeyboardAvoidingView>
      </PersistQueryClientProvider>
    </SafeAreaProvider>
  );
}

function Start(): ReactElement | null {
  const state = useSessionState();
  useEffect(() => void restoreSession(), []);
  if (state.status === "unknown") return null; // the stored session is being read
  // The address stays while somebody signs in, and then shows what it names.
  if (state.status === "out") return <SignInScreen wasExpired={state.reason === "expired"} />;
  return <SignedIn key={state.session.server + state.session.email} />;
}

function SignedIn(): ReactElement {
  useAutomaticSending();
  return (
    <DiagnosisProvider>
      <Navigation />
    </DiagnosisProvider>
  );
}

const styles = StyleSheet.create({ app: { flex: 1 } });
