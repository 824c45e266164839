// Serves the app when there is no network, and shows that something waits. SHELL comes from the page that includes this file.
const { page, files, version } = self.SHELL;
const CACHE = `authenticator-${version}`;
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([page, ...files])));
});

self.addEventListener("activate", (event) => event.waitUntil(tidy()));

async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("authenticator-") && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (event.request.mode === "navigate" && pathname === page) event.respondWith(newest(event.request));
  else if (files.includes(pathname)) event.respondWith(kept(event.request));
});

// The page from the network if it answers in time, else as it was last seen.
async function newest(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok) await cache.put(page, answer.clone());
    if (answer.status < 500) return answer;
  } catch {
    // no network
  }
  return (await cache.match(page, { ignoreVary: true })) ?? Response.error();
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}

// The message never says what waits: the app asks the site for it.
self.addEventListener("push", (event) => event.waitUntil(ring(event)));

async function ring(event) {
  const said = event.data?.json().notification ?? {};
  const options = { body: said.body ?? "", icon: files.at(-1), tag: "request", renotify: true, requireInteraction: true };
  for (const one of await windows()) one.postMessage("look"); // first, as not every browser that wakes us can show something
  await self.registration.showNotification(said.title ?? "", options);
}

function windows() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(comeForward());
});

async function comeForward() {
  const open = (await windows()).find((one) => new URL(one.url).pathname === page);
  if (open) await open.focus();
  else await self.clients.openWindow(page);
}
