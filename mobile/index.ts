import "@expo/metro-runtime";
import { registerRootComponent } from "expo";

import { App } from "./App";
import { registerServiceWorker } from "./src/services/page/serviceWorker";

registerRootComponent(App);
registerServiceWorker();
