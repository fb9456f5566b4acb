import { Component, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet } from "react-native";
import { SafeAreaView } from "react-native-safe-area-context";

import { Button } from "./Button";
import { Note } from "./Note";
import { Page } from "./Page";

type Props = { children: ReactNode };

/** Shows a message and a restart button where the app would crash. */
export class ErrorBoundary extends Component<Props, { hasCrashScreen: boolean }> {
  override state = { hasCrashScreen: false };

  static getDerivedStateFromError(): { hasCrashScreen: boolean } {
    return { hasCrashScreen: true };
  }

  override render(): ReactNode {
    if (!this.state.hasCrashScreen) return this.props.children;
    return <CrashScreen onRestart={() => this.setState({ hasCrashScreen: false })} />;
  }
}

function CrashScreen({ onRestart }: { onRestart: () => void }): ReactElement {
  const { t } = useTranslation();
  return (
    <SafeAreaView edges={["top"]} style={styles.screen}>
      <Page>
        <Note urgent tone="critical" icon="warning" text={t("problem.crashed")}>
          <Button variant="primary" label={t("actions.restart")} onPress={onRestart} />
        </Note>
      </Page>
    </SafeAreaView>
  );
}

const styles = StyleSheet.create({ screen: { flex: 1 } });
