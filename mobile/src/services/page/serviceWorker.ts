/** Do nothing: an installed app needs no service worker to open offline. */
export function registerServiceWorker(): void {}
