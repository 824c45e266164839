// The worker, notifications, and how to install the app.
import { call } from "./api.js";
import { facts, part, show } from "./screen.js";

const IOS = /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
const INSTALLED = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
let installing = null;

export const inSafariTab = IOS && !INSTALLED;

export function start(woken) {
  navigator.serviceWorker?.register(facts.worker, { scope: facts.scope, updateViaCache: "none" });
  navigator.serviceWorker?.addEventListener("message", woken);
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    installing = event;
    show("install");
  });
  part("install").querySelector("button").addEventListener("click", async () => {
    await installing?.prompt();
    installing = null;
    show("install", false);
  });
  show("install-ios", inSafariTab);
}

function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function canBeWoken() {
  return "PushManager" in window && "Notification" in window && Boolean(navigator.serviceWorker);
}

// Offers the button while nothing has been decided, says what to do when it was refused.
export function offer(all) {
  const possible = canBeWoken() && all.length > 0;
  show("notify", possible && Notification.permission === "default");
  show("notify-denied", possible && Notification.permission === "denied");
  show("notify-impossible", all.length > 0 && !canBeWoken() && !inSafariTab);
}

export async function allow(all) {
  if ((await Notification.requestPermission()) === "granted") await subscribe(all);
  offer(all);
}

// The subscription there is; one under an earlier key of the site is given up.
async function current(worker, wish) {
  const old = await worker.pushManager.getSubscription();
  const key = new Uint8Array(old?.options.applicationServerKey ?? []);
  if (!old || key.join() === wish.applicationServerKey.join()) return old;
  await old.unsubscribe();
  return null;
}

// Tells the site where to wake each account. A browser without a push service goes on by polling.
export async function subscribe(all) {
  if (!canBeWoken() || Notification.permission !== "granted") return;
  try {
    const worker = await navigator.serviceWorker.ready;
    const wish = { userVisibleOnly: true, applicationServerKey: bytes(facts.applicationKey) };
    const subscription = (await current(worker, wish)) ?? (await worker.pushManager.subscribe(wish));
    const { endpoint, keys } = subscription.toJSON();
    for (const account of all) await call("subscribe", { subscription: { endpoint, keys } }, account).catch(() => {});
  } catch (error) {
    console.info("no push service", error.name);
  }
}
