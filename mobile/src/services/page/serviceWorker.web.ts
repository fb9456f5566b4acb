/** Have the browser cache the page, where it can: over https and on localhost. */
export function registerServiceWorker(): void {
  if (__DEV__ || !("serviceWorker" in navigator)) return;
  void navigator.serviceWorker.register("/app/sw.js");
}
