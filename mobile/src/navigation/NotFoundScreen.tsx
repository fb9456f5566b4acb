import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "../ui/Button";
import { Note } from "../ui/Note";
import { Page } from "../ui/Page";
import { useAppNavigation } from "./routes";

/** What an address without a screen shows. */
export function NotFoundScreen(): ReactElement {
  const { t } = useTranslation();
  const navigation = useAppNavigation();
  return (
    <Page>
      <Note tone="warning" icon="warning" text={t("notFound.text")} testID="not-found">
        <Button
          icon="mic"
          label={t("tabs.diagnose")}
          onPress={() => navigation.navigate("Tabs", { screen: "Diagnosis" })}
        />
      </Note>
    </Page>
  );
}
