// Keeps the app itself on the device, so that it opens and records while the server is away.
// What the server says is never kept here: only files below /app/.

const KEPT = "signalcraft-app";

self.addEventListener("install", (event) => {
  event.waitUntil(keepPage().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || !pathname.startsWith("/app/")) return;
  event.respondWith(request.mode === "navigate" ? newestPage() : keptFile(request));
});

/** The page and all that it names: it was loaded before this worker could listen. */
async function keepPage() {
  const cache = await caches.open(KEPT);
  const page = await fetch("/app/");
  const files = [...(await page.clone().text()).matchAll(/(?:src|href)="(\/app\/[^"]+)"/g)].map(([, file]) => file);
  await cache.addAll(files);
  await cache.put("/app/", page);
}

/** The server's page where it answers, else the one that was kept. */
async function newestPage() {
  const cache = await caches.open(KEPT);
  try {
    const page = await fetch("/app/");
    if (page.ok) await cache.put("/app/", page.clone());
    return page;
  } catch (error) {
    const kept = await cache.match("/app/");
    if (kept) return kept;
    throw error;
  }
}

/** Files of a build carry their digest in their name: one that was kept is right for ever. */
async function keptFile(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request);
  if (kept) return kept;
  const file = await fetch(request);
  if (file.ok) await cache.put(request, file.clone());
  return file;
}
