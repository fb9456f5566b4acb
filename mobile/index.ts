import "@expo/metro-runtime";
import { registerRootComponent } from "expo";

import { App } from "./App";
import { registerServiceWorker } from "./src/services/serviceWorker";

registerRootComponent(App);
registerServiceWorker();
