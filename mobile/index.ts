import "@expo/metro-runtime";
import { registerRootComponent } from "expo";

import { App } from "./App";
import { keepPageOffline } from "./src/services/offlinePage";

registerRootComponent(App);
keepPageOffline();
