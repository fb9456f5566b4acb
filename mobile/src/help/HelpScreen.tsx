import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { AppText } from "../ui/AppText";
import { Card } from "../ui/Card";
import { Page } from "../ui/Page";

const FIRST_TOPICS = ["record", "verdict"] as const;
const MORE_TOPICS = ["offline", "falseAlarms", "contact"] as const;

/** How the app is used, in a few words. */
export function HelpScreen(): ReactElement {
  return (
    <Page aside={<Topics topics={MORE_TOPICS} />}>
      <Topics topics={FIRST_TOPICS} />
    </Page>
  );
}

type TopicsProps = { topics: readonly (typeof FIRST_TOPICS | typeof MORE_TOPICS)[number][] };

function Topics({ topics }: TopicsProps): ReactElement[] {
  const { t } = useTranslation();
  return topics.map((topic) => (
    <Card key={topic} testID="help" title={t(`help.${topic}.title`)}>
      <AppText>{t(`help.${topic}.text`)}</AppText>
    </Card>
  ));
}
