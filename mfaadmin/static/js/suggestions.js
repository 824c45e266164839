// <input data-suggestions-url="…">: asks the server for what fits the text, a moment after the last letter, and says “suggested” with the
// fragment, or with nothing when there is nothing to show any more. combobox.js shows it.
const PAUSE = 250;

class Suggestions {
  constructor(input) {
    this.input = input;
    input.addEventListener("input", (event) => event.isComposing || this.plan());
    input.addEventListener("compositionend", () => this.plan());
    input.addEventListener("enough", () => this.stop());
    input.form.addEventListener("submit", () => this.stop());
  }

  plan() {
    this.stop();
    if (this.input.value.trim() === "") return this.say("");
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  stop() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  async ask() {
    this.asking = new AbortController();
    try {
      const url = `${this.input.dataset.suggestionsUrl}?${new URLSearchParams({ q: this.input.value })}`;
      const answer = await fetch(url, { cache: "no-store", signal: this.asking.signal });
      this.say(answer.redirected ? "" : await answer.text()); // redirected: signed out meanwhile; sending the form says so
    } catch {
      // Another letter was typed, or the network is away: the form still works.
    }
  }

  say(fragment) {
    this.input.dispatchEvent(new CustomEvent("suggested", { detail: fragment }));
  }
}

for (const input of document.querySelectorAll("[data-suggestions-url]")) new Suggestions(input);
