// Adding an account: a code from the site, a key made here, and the site's yes.
import { call, Refused } from "./api.js";
import { importSeed } from "./code.js";
import { keep } from "./store.js";

// The secret of a pairing link; nothing when the text is another one.
export function codeIn(text) {
  return /#pair=([\w-]{22}\.[\w-]{22})$/.exec(text)?.[1] ?? "";
}

function base64url(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// `asked` is { code } of a link, or { code, account } as typed. Returns the account, or the name of what to say.
export async function pair(asked) {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const point = base64url(await crypto.subtle.exportKey("raw", keys.publicKey));
  try {
    const said = await call("pair", { ...asked, key: point }, { key: keys.privateKey });
    const account = {
      device: said.device,
      account: said.account,
      organisation: said.organisation,
      key: keys.privateKey,
      seed: await importSeed(said.seed),
      added: Date.now(),
    };
    await keep(account);
    return { account };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.status === 429 ? "wait" : "code" };
    return { problem: "unheard" };
  }
}
