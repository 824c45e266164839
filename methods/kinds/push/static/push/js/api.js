// Calls of the site, each signed with the account's key over what is called, when, and what is said.
import { facts, language } from "./screen.js";

const VERSION = "authenticator-1";
const OFFSET = "clock-offset"; // milliseconds between the site's clock and this phone's

export class Unheard extends Error {} // no network, or the site is down
export class Refused extends Error {
  constructor(status, said) {
    super(said.error || String(status));
    this.status = status;
  }
}

export function now() {
  return Date.now() + Number(localStorage.getItem(OFFSET) || 0);
}

function base64url(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function signature(key, lines) {
  const text = new TextEncoder().encode(lines.join("\n"));
  return base64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, text));
}

async function digest(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(name, body, device, key) {
  const path = facts.api + name;
  const at = String(Math.floor(now() / 1000));
  const headers = {
    "Content-Type": "application/json",
    "Accept-Language": language,
    "X-Authenticator-Device": device,
    "X-Authenticator-Time": at,
    "X-Authenticator-Signature": await signature(key, [VERSION, location.origin, path, device, at, await digest(body)]),
  };
  const options = { method: "POST", headers, body, credentials: "omit", cache: "no-store", redirect: "error", signal: AbortSignal.timeout(10000) };
  try {
    const answer = await fetch(path, options);
    return { status: answer.status, said: await answer.json() };
  } catch {
    throw new Unheard();
  }
}

// The site tells its time in every answer; whoever signed with a wrong clock tries once more with the right one.
function learn(said) {
  if (!Number.isFinite(said.now)) return false;
  const wrong = Math.abs(said.now * 1000 - now()) > 30000;
  if (wrong) localStorage.setItem(OFFSET, String(said.now * 1000 - Date.now()));
  return wrong;
}

export async function call(name, said, { device = "", key }) {
  const body = JSON.stringify(said);
  let answer = await send(name, body, device, key);
  if (learn(answer.said) && answer.status >= 400) answer = await send(name, body, device, key);
  if (answer.status >= 500) throw new Unheard();
  if (answer.status !== 200) throw new Refused(answer.status, answer.said);
  return answer.said;
}
