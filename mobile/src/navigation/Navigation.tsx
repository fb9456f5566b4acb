import { DarkTheme, DefaultTheme, NavigationContainer, type Theme } from "@react-navigation/native";
import {
  type NativeStackNavigationOptions,
  createNativeStackNavigator,
} from "@react-navigation/native-stack";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useColorScheme } from "react-native";

import { CalibrationScreen } from "../calibration/CalibrationScreen";
import { MachineScreen } from "../devices/MachineScreen";
import { HelpScreen } from "../help/HelpScreen";
import { ModelScreen } from "../models/ModelScreen";
import { SuggestionScreen } from "../models/SuggestionScreen";
import { ResultScreen } from "../result/ResultScreen";
import { usePalette } from "../ui/theme";
import { linking } from "./addresses";
import { Header } from "./Header";
import { NotFoundScreen } from "./NotFoundScreen";
import type { Routes } from "./routes";
import { Tabs } from "./Tabs";

const Stack = createNativeStackNavigator<Routes>();

const OPTIONS: NativeStackNavigationOptions = {
  header: ({ navigation, options, back }) => (
    <Header title={options.title ?? ""} onBack={back && navigation.goBack} />
  ),
};

/** Every screen of whoever is signed in, each with an address. */
export function Navigation(): ReactElement {
  const { t } = useTranslation();
  return (
    <NavigationContainer
      linking={linking}
      theme={useNavigationTheme()}
      documentTitle={{ formatter: (options) => `${options?.title ?? ""} · ${t("app.name")}` }}
    >
      <Stack.Navigator screenOptions={OPTIONS}>
        <Stack.Screen name="Tabs" component={Tabs} options={{ headerShown: false }} />
        <Stack.Screen
          name="Result"
          component={ResultScreen}
          getId={({ params }) => params.id}
          options={{ title: t("result.title") }}
        />
        <Stack.Screen
          name="Machine"
          component={MachineScreen}
          options={{ title: t("devices.title") }}
        />
        <Stack.Screen
          name="Model"
          component={ModelScreen}
          options={{ title: t("models.title") }}
        />
        <Stack.Screen
          name="Suggestion"
          component={SuggestionScreen}
          options={{ title: t("models.suggest") }}
        />
        <Stack.Screen
          name="Calibration"
          component={CalibrationScreen}
          options={{ title: t("calibration.title") }}
        />
        <Stack.Screen name="Help" component={HelpScreen} options={{ title: t("help.title") }} />
        <Stack.Screen
          name="NotFound"
          component={NotFoundScreen}
          options={{ title: t("notFound.title") }}
        />
      </Stack.Navigator>
    </NavigationContainer>
  );
}

function useNavigationTheme(): Theme {
  const { background, surface, text, line, accent } = usePalette();
  const base = useColorScheme() === "dark" ? DarkTheme : DefaultTheme;
  const colors = { ...base.colors, background, card: surface, text, border: line, primary: accent };
  return { ...base, colors };
}
