import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { Page } from "../ui/Page";

const TOPICS = ["record", "verdict", "offline", "falseAlarms", "contact"] as const;

/** How the app is used, in a few words. */
export function HelpScreen(): ReactElement {
  const { t } = useTranslation();
  return (
    <Page>
      {TOPICS.map((topic) => (
        <Card key={topic} testID="help" title={t(`help.${topic}.title`)}>
          <AppText>{t(`help.${topic}.text`)}</AppText>
        </Card>
      ))}
    </Page>
  );
}
