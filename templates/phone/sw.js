// Keeps the shell and answers for a phone page when the network does not. Never touches a POST, a
// PUT or the API: what was filled in lies in IndexedDB and is sent by the page.
const SHELL = "/f/";
const CACHE = "shell-{{ version }}";
const ASSETS = [SHELL, {% for asset in assets %}"{{ asset }}", {% endfor %}];
const PHONE = /^\/($|f\/|group\/|report\/|household\/|receipt\/|matter\/)/;
const PATIENCE = 2500;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE)
      .then((cache) => cache.addAll(ASSETS.map((url) => new Request(url, { credentials: "omit" }))))
      .then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((n) => n !== CACHE).map((n) => caches.delete(n))))
      .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (PHONE.test(url.pathname)) event.respondWith(pageOrShell(request, url));
  } else if (ASSETS.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(request)));
  }
});

async function pageOrShell(request, url) {
  const kept = await caches.match(SHELL);
  if (url.pathname === SHELL && kept) return kept;
  try {
    // Whoever waits longer than this in a stairwell gives up.
    return await Promise.race([
      fetch(request),
      new Promise((_, late) => setTimeout(() => kept && late(new Error("late")), PATIENCE)),
    ]);
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}
