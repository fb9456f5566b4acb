import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { View } from "react-native";

import { formatProblem } from "../i18n/format";
import { outbox } from "../services/outbox/outbox";
import { DAMAGED } from "../services/server/problem";
import { Button } from "../ui/Button";
import { Note } from "../ui/Note";

/** A stored recording that cannot be read any more; the others go on. */
export function DamagedRow({ itemKey }: { itemKey: string }): ReactElement {
  const { t } = useTranslation();
  return (
    <View testID="outbox-damaged">
      <Note tone="critical" icon="warning" text={formatProblem(t, DAMAGED)}>
        <Button
          variant="danger"
          icon="trash"
          label={t("actions.delete")}
          onPress={() => void outbox.remove(itemKey)}
        />
      </Note>
    </View>
  );
}
