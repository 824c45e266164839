// The app: what it does when it is opened, looked at, woken, or asked to add an account.
import { list, state, tick } from "./accounts.js";
import { call, Refused } from "./api.js";
import { codeIn, pair } from "./pairing.js";
import { update } from "./prompt.js";
import { scan, stop } from "./scan.js";
import { facts, hush, part, say, show } from "./screen.js";
import { accounts } from "./store.js";
import { allow, inSafariTab, offer, start, subscribe } from "./wake.js";

const POLL_SECONDS = 2;
const GONE_SECONDS = 60; // how often an account is asked for that the site no longer knows
let all = [];
let timer = 0;
const quiet = new Map(); // device → not to be asked before

async function look(account) {
  if ((quiet.get(account.device) ?? 0) > Date.now()) return;
  try {
    const said = await call("requests", {}, account);
    state(account, said.state);
    update(account, said.requests);
  } catch (error) {
    const gone = error instanceof Refused && error.status === 401;
    state(account, gone ? "gone" : "unheard");
    if (gone) quiet.set(account.device, Date.now() + GONE_SECONDS * 1000);
    if (gone) update(account, []);
  }
}

async function poll() {
  clearTimeout(timer);
  if (document.hidden) return;
  await Promise.all(all.map(look));
  clearTimeout(timer);
  timer = setTimeout(poll, POLL_SECONDS * 1000);
}

async function changed() {
  all = await accounts();
  list(all, changed);
  offer(all);
  tick(all);
  poll();
}

async function add(asked) {
  show("adding");
  const { account, problem } = await pair(asked);
  show("adding", false);
  if (problem) return say(problem === "code" ? "code-refused" : problem);
  part("typed").reset();
  part("add").open = false;
  say("added", { account: account.account });
  await changed();
  await subscribe(all);
}

async function openCamera() {
  hush();
  show("scanner");
  try {
    await scan((text) => {
      const code = codeIn(text);
      if (code) closeCamera();
      if (code) add({ code });
      return Boolean(code);
    });
  } catch {
    closeCamera();
    say("no-camera");
  }
}

function closeCamera() {
  stop();
  show("scanner", false);
}

// A link that was clicked or read by the phone's own camera. Nothing is added before the person says so.
function followLink() {
  const code = codeIn(location.hash);
  if (location.hash) history.replaceState(null, "", location.pathname);
  if (!code) return;
  show("link");
  show("welcome", false);
  show("link-ios", inSafariTab);
  part("link").querySelector("button").onclick = () => {
    show("link", false);
    add({ code });
  };
}

function chooseLanguage(event) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${facts.languageCookie}=${event.target.value}; path=/; max-age=31536000; samesite=lax${secure}`;
  location.reload();
}

function listen() {
  for (const button of document.querySelectorAll("[data-scan]")) button.addEventListener("click", openCamera);
  for (const button of document.querySelectorAll("[data-type]")) {
    button.addEventListener("click", () => {
      part("add").open = true;
      part("typed").elements.account.focus();
    });
  }
  part("scanner").querySelector("[data-stop]").addEventListener("click", closeCamera);
  part("typed").addEventListener("submit", (event) => {
    event.preventDefault();
    const said = Object.fromEntries(new FormData(event.target));
    add({ account: said.account, code: said.code });
  });
  part("notify").querySelector("button").addEventListener("click", () => allow(all));
  part("language").addEventListener("change", chooseLanguage);
  addEventListener("hashchange", followLink);
  addEventListener("online", poll);
  document.addEventListener("visibilitychange", poll);
  setInterval(() => document.hidden || tick(all), 1000);
}

if (!facts.sites.split(" ").includes(location.origin)) {
  show("elsewhere");
} else {
  listen();
  start(poll);
  await changed();
  followLink();
  await subscribe(all);
}
