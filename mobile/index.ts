import "@expo/metro-runtime";
import { registerRootComponent } from "expo";

import { App } from "./App";
import { keepPageOffline } from "./src/services/serviceWorker";

registerRootComponent(App);
keepPageOffline();
