// Caches the app on the device, so that it opens and records while the server is away.
// Answers of the API are never cached: only the page and the code that it loads.

const CACHE_NAME = "signalcraft-app";
const PAGE = "/app/"; // every address below it shows this page
const TIMEOUT_MS = 5_000; // a network that drops everything would not fail for minutes
const CODE = "/app/_expo/"; // file names contain digests, so a cached file is never stale
const RECORDER = "/app/recorder.js"; // cached anew with each page

self.addEventListener("install", (event) => {
  // The page was loaded before this worker could listen.
  event.waitUntil(fetch(PAGE).then(cachePage).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith(CODE) || pathname === RECORDER) event.respondWith(loadCode(request));
  else if (request.mode === "navigate" && pathname.startsWith(PAGE)) {
    event.respondWith(loadPage(event));
  }
});

/** Return the server's page, or the cached one while the server is away. */
async function loadPage(event) {
  const cached = await (await caches.open(CACHE_NAME)).match(PAGE);
  if (!cached) return fetch(PAGE);
  try {
    const page = await fetchWithTimeout(PAGE);
    if (!page.ok) return cached; // a proxy answers for a server that is away
    event.waitUntil(cachePage(page.clone()));
    return page;
  } catch {
    return cached; // no answer
  }
}

async function fetchWithTimeout(address) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    return await fetch(address, { signal: controller.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function loadCode(request) {
  return (await (await caches.open(CACHE_NAME)).match(request)) ?? fetch(request);
}

/** Cache a page with the code that it loads, and delete the code of earlier pages. */
async function cachePage(page) {
  if (!page.ok) throw new Error(`The page was answered with ${page.status}.`);
  const cache = await caches.open(CACHE_NAME);
  const text = await page.clone().text();
  const code = [...text.matchAll(/"(\/app\/_expo\/[^"]+)"/g)].map(([, path]) => path);
  const cached = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  await cache.addAll(code.filter((path) => !cached.includes(path)));
  await cache.add(new Request(RECORDER, { cache: "no-cache" }));
  await cache.put(PAGE, page);
  const outdated = cached.filter((path) => path.startsWith(CODE) && !code.includes(path));
  await Promise.all(outdated.map((path) => cache.delete(path)));
}
