// <div data-poll-url="…" data-poll-seconds="2">: fetches its own content anew until the content says it is done.
// The fetched fragment may carry, on any element: data-poll-done (stop), data-poll-redirect="/path" (go there),
// data-poll-submit="#form" (send that form), data-poll-reload (load the page anew: it is another one now),
// data-announce="…" (said to screen readers when it changes). 204 means "no change".
import { isOnItsWay } from "./on-its-way.js";
import { renew } from "./renew.js";

const LONGEST_PAUSE = 60;

const TOKEN = /name="csrfmiddlewaretoken" value="[^"]*"/g; // written differently each time, and the older ones stay good

class Poll {
  constructor(element) {
    this.element = element;
    this.seconds = Number(element.dataset.pollSeconds) || 3;
    this.failures = 0;
    this.last = null;
    this.said = element.querySelector("[data-announce]")?.dataset.announce;
    document.addEventListener("visibilitychange", () => this.wake());
    this.plan();
  }

  plan() {
    const pause = Math.min(this.seconds * 2 ** this.failures, LONGEST_PAUSE);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause * 1000);
  }

  wake() {
    if (!document.hidden && this.waiting) this.ask();
  }

  async ask() {
    this.waiting = document.hidden;
    if (this.waiting || this.over) return;
    if (isOnItsWay()) return this.plan();
    try {
      const headers = { "X-Requested-With": "poll" };
      const answer = await fetch(this.element.dataset.pollUrl, { headers, cache: "no-store" });
      const text = await answer.text();
      if (isOnItsWay()) return this.plan();
      if (answer.redirected) return this.leave(location.href); // signed out meanwhile: the page itself knows where to go
      this.failures = answer.ok ? 0 : this.failures + 1;
      if (answer.ok && answer.status !== 204) this.show(text);
    } catch {
      this.failures += 1;
    }
    if (!this.over) this.plan();
  }

  show(text) {
    const content = text.replace(TOKEN, "");
    if (content === this.last) return;
    this.last = content;
    const fragment = new DOMParser().parseFromString(text, "text/html").body;
    const next = fragment.querySelector("[data-poll-redirect]");
    if (next) return this.leave(next.dataset.pollRedirect);
    if (fragment.querySelector("[data-poll-reload]")) return this.leave(location.href);
    this.over = fragment.querySelector("[data-poll-done]") !== null;
    const ready = fragment.querySelector("[data-poll-submit]");
    this.say(fragment.querySelector("[data-announce]")?.dataset.announce);
    renew(this.element, fragment.childNodes);
    if (ready) document.querySelector(ready.dataset.pollSubmit)?.requestSubmit();
  }

  say(sentence) {
    if (sentence !== this.said) document.dispatchEvent(new CustomEvent("announce", { detail: sentence }));
    this.said = sentence;
  }

  leave(path) {
    this.over = true;
    const target = new URL(path, location.href);
    if (target.href === location.href) return location.reload(); // with a fragment in it, going there would only scroll
    if (target.origin === location.origin) location.assign(target);
  }
}

for (const element of document.querySelectorAll("[data-poll-url]")) new Poll(element);
