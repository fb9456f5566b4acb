// Keeps the app itself on the device, so that it opens and records while the server is away.
// What the server says is never kept here: only the page and the code that it names.

const KEPT = "signalcraft-app";
const PAGE = "/app/";
const PATIENCE_MS = 5_000; // a network that swallows everything says nothing for minutes
const CODE = "/app/_expo/"; // carries its digest in its name: what was kept is right for ever

self.addEventListener("install", (event) => {
  // The page was loaded before this worker could listen.
  event.waitUntil(fetch(PAGE).then(keep).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(newestPage(event));
  if (pathname.startsWith(CODE)) event.respondWith(keptCode(request));
});

/** The server's page where it answers, else the one that was kept. */
async function newestPage(event) {
  const kept = await (await caches.open(KEPT)).match(PAGE);
  if (!kept) return fetch(PAGE);
  try {
    const page = await fetchSoon(PAGE);
    if (!page.ok) return kept; // a proxy speaks for a server that is away
    event.waitUntil(keep(page.clone()));
    return page;
  } catch {
    return kept; // nobody answered
  }
}

async function fetchSoon(address) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), PATIENCE_MS);
  try {
    return await fetch(address, { signal: controller.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function keptCode(request) {
  return (await (await caches.open(KEPT)).match(request)) ?? fetch(request);
}

/** Keep a page with the code that it names, and forget the code of those before. */
async function keep(page) {
  if (!page.ok) throw new Error(`The page was answered with ${page.status}.`);
  const cache = await caches.open(KEPT);
  const text = await page.clone().text();
  const named = [...text.matchAll(/"(\/app\/_expo\/[^"]+)"/g)].map(([, path]) => path);
  const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  await cache.addAll(named.filter((path) => !kept.includes(path)));
  await cache.put(PAGE, page);
  await Promise.all(kept.filter((path) => path.startsWith(CODE) && !named.includes(path)).map((path) => cache.delete(path)));
}
