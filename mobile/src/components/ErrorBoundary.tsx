import { Component, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "./Button";
import { Note } from "./Note";
import { Page } from "./Page";

type Props = { children: ReactNode };

/** A mistake of the app still has words and a way on. */
export class CrashNote extends Component<Props, { hasCrashed: boolean }> {
  override state = { hasCrashed: false };

  static getDerivedStateFromError(): { hasCrashed: boolean } {
    return { hasCrashed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasCrashed) return this.props.children;
    return <Crashed onRestart={() => this.setState({ hasCrashed: false })} />;
  }
}

function Crashed({ onRestart }: { onRestart: () => void }): ReactElement {
  const { t } = useTranslation();
  return (
    <Page>
      <Note urgent tone="critical" icon="warning" text={t("problem.crashed")}>
        <Button kind="primary" label={t("actions.restart")} onPress={onRestart} />
      </Note>
    </Page>
  );
}
