// The list of accounts: name, state, and the code of the moment.
import { now } from "./api.js";
import { code, secondsLeft } from "./code.js";
import { copy, language, part, show } from "./screen.js";
import { forget } from "./store.js";

const cards = new Map(); // device → its card

function card(account, changed) {
  const made = copy("account", { organisation: account.organisation[language] ?? account.organisation.en, account: account.account });
  const remove = made.querySelector("dialog");
  made.querySelector("[data-remove]").addEventListener("click", () => remove.showModal());
  remove.querySelector("[data-confirm]").addEventListener("click", async () => {
    await forget(account.device);
    remove.close();
    changed();
  });
  remove.querySelector("[data-cancel]").addEventListener("click", () => remove.close());
  return made;
}

export function list(all, changed) {
  for (const [device, made] of cards) {
    if (!all.some((one) => one.device === device)) {
      made.remove();
      cards.delete(device);
    }
  }
  for (const account of all.filter((one) => !cards.has(one.device))) {
    cards.set(account.device, card(account, changed));
    part("account-list").append(cards.get(account.device));
  }
  show("welcome", all.length === 0);
  show("accounts", all.length > 0);
}

// `ready`, `trying`, `locked`, `suspended`, `gone`, or `unheard` where the site did not answer.
export function state(account, name) {
  for (const line of cards.get(account.device)?.querySelectorAll("[data-state]") ?? []) line.hidden = line.dataset.state !== name;
}

export async function tick(all) {
  const moment = now();
  for (const account of all) {
    const made = cards.get(account.device);
    if (!made) continue;
    const digits = await code(account.seed, moment);
    const text = `${digits.slice(0, 3)} ${digits.slice(3)}`;
    const place = made.querySelector("[data-code]");
    if (place.textContent !== text) place.textContent = text;
    const left = made.querySelector("progress");
    left.value = secondsLeft(moment);
  }
}
