import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { getResultAddress } from "../navigation/addresses";
import { useSession } from "../queries/useSession";
import { canShare, copyLink, shareLink } from "../services/page/link";
import { Button } from "../ui/Button";
import { SPACE } from "../ui/theme";

/** Copy or share the address of a result. */
export function LinkButtons({ analysisId }: { analysisId: string }): ReactElement {
  const { t } = useTranslation();
  const address = getResultAddress(useSession().server, analysisId);
  const [isCopied, setIsCopied] = useState(false);
  const copy = (): void => void copyLink(address).then(() => setIsCopied(true));
  return (
    <View style={styles.buttons}>
      <Button
        icon={isCopied ? "check" : "link"}
        label={t(isCopied ? "result.linkCopied" : "result.copyLink")}
        onPress={copy}
      />
      {canShare() && (
        <Button
          icon="send"
          label={t("result.share")}
          onPress={() => void shareLink(address)}
        />
      )}
    </View>
  );
}

const styles = StyleSheet.create({
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: SPACE.s },
});
