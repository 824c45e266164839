// A request to approve: who, for what, from where, when; the number that the other screen shows; yes or no.
import { call } from "./api.js";
import { clock, copy, facts, hush, language, part, say } from "./screen.js";

const shown = new Map(); // request → its card
const answered = new Set(); // a poll that was under way meanwhile may bring one back

function card(account, request) {
  const made = copy("request", {
    organisation: account.organisation[language] ?? account.organisation.en,
    account: account.account,
    system: request.system,
    place: request.place,
    browser: request.browser,
    asked: clock(new Date(request.asked)),
  });
  const field = made.querySelector("input");
  const id = `number-${request.request}`;
  field.id = id;
  made.querySelector("label").htmlFor = id;
  field.setAttribute("aria-describedby", `${id}-help`);
  made.querySelector("[data-wrong]").id = `${id}-help`;
  made.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    yes(made, field, account, request);
  });
  made.querySelector("[data-no]").addEventListener("click", () => answer(made, account, request, { decision: "report" }));
  return made;
}

function yes(made, field, account, request) {
  const number = field.value.normalize("NFKC").replace(/\s/g, "");
  const whole = number.length === Number(facts.digits) && /^\d+$/.test(number);
  made.querySelector("[data-wrong]").hidden = whole;
  field.setAttribute("aria-invalid", String(!whole));
  if (whole) answer(made, account, request, { decision: "yes", number });
  else field.focus();
}

async function answer(made, account, request, said) {
  for (const button of made.querySelectorAll("button")) button.disabled = true;
  try {
    const { outcome } = await call("answer", { request: request.request, ...said }, account);
    answered.add(request.request);
    drop(request.request);
    say(outcome);
  } catch {
    for (const button of made.querySelectorAll("button")) button.disabled = false;
    say("unheard");
  }
}

function drop(id) {
  shown.get(id)?.remove();
  shown.delete(id);
}

// Show what waits for this account, and take away what does so no longer; what is being answered stays as it is.
export function update(account, requests) {
  const waiting = new Set(requests.map((one) => one.request));
  for (const [id, made] of shown) {
    if (made.dataset.device === account.device && !waiting.has(id) && !made.querySelector("button:disabled")) drop(id);
  }
  for (const request of requests.filter((one) => !shown.has(one.request) && !answered.has(one.request))) {
    const made = card(account, request);
    made.dataset.device = account.device;
    shown.set(request.request, made);
    hush();
    part("requests").prepend(made);
    made.scrollIntoView({ block: "start" });
    made.querySelector("input").focus({ preventScroll: true });
  }
}
