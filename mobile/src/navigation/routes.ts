import {
  type NavigatorScreenParams,
  type NavigationProp,
  useNavigation,
} from "@react-navigation/native";

/** Which results the history shows; by default one's own, of all machines. */
export type HistoryAddress = { machine?: string; whose?: "all"; search?: string };

/** The screens behind the tabs. */
export type TabRoutes = {
  Diagnosis: undefined;
  History: HistoryAddress | undefined;
  Settings: undefined;
};

/** Every screen, with what its address holds. */
export type Routes = {
  Tabs: NavigatorScreenParams<TabRoutes> | undefined;
  Result: { id: string };
  Machine: undefined;
  Model: undefined;
  Suggestion: undefined;
  Calibration: { deviceId: string; modelId: string };
  Help: undefined;
  NotFound: undefined;
};

export function useAppNavigation(): NavigationProp<Routes> {
  return useNavigation<NavigationProp<Routes>>();
}

/** Return how to leave a screen: back to where it was opened, or to the first tab. */
export function useLeave(): () => void {
  const navigation = useAppNavigation();
  return () => {
    if (navigation.canGoBack()) navigation.goBack();
    else navigation.navigate("Tabs", { screen: "Diagnosis" });
  };
}
