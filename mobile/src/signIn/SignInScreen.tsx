import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";
import { SafeAreaView } from "react-native-safe-area-context";

import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { Field } from "../ui/Field";
import { Icon } from "../ui/Icon";
import { LanguageChoice } from "../ui/LanguageChoice";
import { Note } from "../ui/Note";
import { Page } from "../ui/Page";
import { ProblemNote } from "../ui/ProblemNote";
import { useSignIn } from "./useSignIn";
import { RADIUS, SPACE, usePalette } from "../ui/theme";

export function SignInScreen({ wasExpired }: { wasExpired: boolean }): ReactElement {
  const { t } = useTranslation();
  const { fixedServer, lastServer, problem, formError, isWorking, submit } = useSignIn();
  const [server, setServer] = useState(lastServer);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const send = (): void => void submit(server, email, password);
  return (
    <SafeAreaView edges={["top"]} style={styles.screen}>
    <Page>
      <Brand />
      {wasExpired && <Note tone="warning" text={t("signIn.expired")} />}
      <Card title={t("signIn.title")}>
        {fixedServer ? (
          <AppText muted>{t("signIn.serverFixed", { server: fixedServer })}</AppText>
        ) : (
          <Field
            label={t("signIn.server")}
            placeholder={t("signIn.serverHint")}
            value={server}
            onChangeText={setServer}
            inputMode="url"
          />
        )}
        <Field
          label={t("signIn.email")}
          value={email}
          onChangeText={setEmail}
          inputMode="email"
          autoComplete="email"
        />
        <Field
          label={t("signIn.password")}
          value={password}
          onChangeText={setPassword}
          secureTextEntry
          autoComplete="current-password"
          onSubmitEditing={send}
        />
        {formError && <Note urgent tone="warning" icon="warning" text={t(`signIn.${formError}`)} />}
        {problem && <ProblemNote problem={problem} />}
        <Button
          variant="primary"
          label={isWorking ? t("signIn.working") : t("signIn.submit")}
          disabled={isWorking}
          onPress={send}
        />
      </Card>
      <LanguageChoice />
    </Page>
    </SafeAreaView>
  );
}

function Brand(): ReactElement {
  const { t } = useTranslation();
  const palette = usePalette();
  return (
    <View style={styles.brand}>
      <View style={[styles.logo, { backgroundColor: palette.accent }]}>
        <Icon name="wave" color={palette.onAccent} size={44} />
      </View>
      <AppText variant="display">{t("app.name")}</AppText>
      <AppText muted style={styles.tagline}>
        {t("app.tagline")}
      </AppText>
    </View>
  );
}

const styles = StyleSheet.create({
  screen: { flex: 1 },
  brand: { alignItems: "center", gap: SPACE.s, paddingVertical: SPACE.l },
  logo: {
    width: 80,
    height: 80,
    borderRadius: RADIUS.m,
    alignItems: "center",
    justifyContent: "center",
  },
  tagline: { textAlign: "center" },
});
