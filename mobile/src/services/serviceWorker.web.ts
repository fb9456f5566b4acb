/** Have the browser keep the page, where it lets us: over https, and from the machine itself. */
export function keepPageOffline(): void {
  if (__DEV__ || !("serviceWorker" in navigator)) return;
  void navigator.serviceWorker.register("/app/sw.js");
}
