import { type ReactElement, useState } from "react";
import { useTranslation } from "react-i18next";
import { StyleSheet, View } from "react-native";
import { SafeAreaView } from "react-native-safe-area-context";

import { AppText } from "../ui/AppText";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { Field } from "../ui/Field";
import { LanguageChoice } from "../ui/LanguageChoice";
import { Note } from "../ui/Note";
import { Page } from "../ui/Page";
import { SPACE } from "../ui/theme";
import { Brand } from "./Brand";
import { PasswordField } from "./PasswordField";
import { RefusalNote } from "./RefusalNote";
import { useSignIn } from "./useSignIn";

/** Sign in to a server; what was typed stays when it is refused. */
export function SignInScreen({ wasExpired }: { wasExpired: boolean }): ReactElement {
  const { t } = useTranslation();
  return (
    <SafeAreaView edges={["top"]} style={styles.screen}>
      <Page
        aside={
          <>
            <Card title={t("signIn.title")}>
              <SignInForm />
            </Card>
            <LanguageChoice />
          </>
        }
      >
        <Brand />
        {wasExpired && <Note tone="warning" text={t("signIn.expired")} />}
      </Page>
    </SafeAreaView>
  );
}

/** A form that password managers know: an e-mail, a password, and nothing else. */
function SignInForm(): ReactElement {
  const { t } = useTranslation();
  const { fixedServer, lastServer, problem, formError, isWorking, submit } = useSignIn();
  const [server, setServer] = useState(lastServer);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const send = (): void => void submit(server, email, password);
  return (
    <View role="form" aria-label={t("signIn.title")} style={styles.form}>
      {formError && <Note urgent tone="warning" icon="warning" text={t(`signIn.${formError}`)} />}
      {problem && <RefusalNote problem={problem} />}
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
        autoComplete="username"
        id="username"
      />
      <PasswordField value={password} onChangeText={setPassword} onSubmitEditing={send} />
      <Button
        variant="primary"
        label={isWorking ? t("signIn.working") : t("signIn.submit")}
        disabled={isWorking}
        onPress={send}
      />
    </View>
  );
}

const styles = StyleSheet.create({
  screen: { flex: 1 },
  form: { gap: SPACE.m },
});
