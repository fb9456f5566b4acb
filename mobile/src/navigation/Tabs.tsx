import {
  BottomTabBar,
  type BottomTabNavigationOptions,
  createBottomTabNavigator,
} from "@react-navigation/bottom-tabs";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { View } from "react-native";

import { DiagnosisScreen } from "../diagnosis/DiagnosisScreen";
import { HistoryScreen } from "../history/HistoryScreen";
import { SettingsScreen } from "../settings/SettingsScreen";
import { Icon, type IconName } from "../ui/Icon";
import { useIsLow, useIsWide } from "../ui/layout";
import { SPACE, TOUCH, TYPE, usePalette } from "../ui/theme";
import { Header } from "./Header";
import type { TabRoutes } from "./routes";

const Navigator = createBottomTabNavigator<TabRoutes>();

const ICONS: Record<keyof TabRoutes, IconName> = {
  Diagnosis: "mic",
  History: "history",
  Settings: "settings",
};

/** The three tabs: below the screen, or at its side where height is scarce. */
export function Tabs(): ReactElement {
  const { t } = useTranslation();
  const options = useTabOptions();
  return (
    <Navigator.Navigator
      backBehavior="history"
      tabBar={(props) => (
        <View role="navigation">
          <BottomTabBar {...props} />
        </View>
      )}
      screenOptions={({ route }) => ({
        ...options,
        tabBarIcon: ({ color, size }) => (
          <Icon name={ICONS[route.name]} color={color} size={size} />
        ),
        header: ({ options: { title } }) => <Header title={title ?? ""} />,
      })}
    >
      <Navigator.Screen
        name="Diagnosis"
        component={DiagnosisScreen}
        options={{ title: t("tabs.diagnose") }}
      />
      <Navigator.Screen
        name="History"
        component={HistoryScreen}
        options={{ title: t("tabs.history") }}
      />
      <Navigator.Screen
        name="Settings"
        component={SettingsScreen}
        options={{ title: t("tabs.settings") }}
      />
    </Navigator.Navigator>
  );
}

function useTabOptions(): BottomTabNavigationOptions {
  const palette = usePalette();
  const isLow = useIsLow();
  const isWide = useIsWide();
  const isAtSide = isLow || isWide;
  return {
    tabBarPosition: isAtSide ? "left" : "bottom",
    tabBarVariant: isAtSide ? "material" : "uikit",
    tabBarLabelPosition: "below-icon",
    tabBarActiveTintColor: palette.accent,
    tabBarInactiveTintColor: palette.muted,
    tabBarActiveBackgroundColor: isAtSide ? palette.accentSoft : "transparent",
    tabBarAllowFontScaling: false, // three labels have to fit side by side
    tabBarLabelStyle: { fontSize: TYPE.small.fontSize },
    tabBarItemStyle: { minHeight: TOUCH },
    // At the side it is as high as the screen, like the frame around it.
    tabBarStyle: isAtSide ? { flex: 1 } : { minHeight: TOUCH + SPACE.m },
  };
}
