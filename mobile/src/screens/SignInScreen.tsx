import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";

import { AppText } from "../components/AppText";
import { Button } from "../components/Button";
import { Card } from "../components/Card";
import { Field } from "../components/Field";
import { Icon } from "../components/Icon";
import { LanguageChoice } from "../components/LanguageChoice";
import { Note } from "../components/Note";
import { Page } from "../components/Page";
import { ProblemNote } from "../components/ProblemNote";
import { useSignIn } from "../hooks/useSignIn";
import { RADIUS, SPACE, usePalette } from "../theme";

export function SignInScreen({ wasExpired }: { wasExpired: boolean }): ReactElement {
  const { t } = useTranslation();
  const { fixedServer, lastServer, problem, formError, isWorking, submit } = useSignIn();
  const [server, setServer] = useState(lastServer);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const send = (): void => void submit(server, email, password);
  return (
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
