// <input data-suggestions-url="…" data-suggestions="name of the list">: shows what suggestions.js was told. The fragment holds a
// [role=listbox] with options, each with an id and data-href, and data-announce="…" for screen readers. Without a choice Enter sends the form
// as ever; so does everything without this script.
class Combobox {
  constructor(input) {
    this.input = input;
    this.box = document.createElement("div");
    this.box.id = `${input.id}_suggestions`;
    this.box.className = "suggestions";
    this.box.hidden = true;
    input.closest(".input-row").after(this.box);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" })) {
      input.setAttribute(name, value);
    }
    input.addEventListener("suggested", (event) => (event.detail ? this.show(event.detail) : this.close()));
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    this.box.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus in the field
    this.box.addEventListener("click", (event) => this.go(event.target.closest("[role=option]")));
  }

  show(text) {
    const fragment = new DOMParser().parseFromString(text, "text/html").body;
    this.box.replaceChildren(...fragment.childNodes);
    this.options = [...this.box.querySelectorAll("[role=option]")];
    const list = this.box.querySelector("[role=listbox]");
    if (list) {
      list.id = `${this.box.id}_list`;
      this.input.setAttribute("aria-controls", list.id);
    }
    this.box.hidden = document.activeElement !== this.input;
    this.input.setAttribute("aria-expanded", String(!this.box.hidden && this.options.length > 0));
    this.mark(-1);
    const said = this.box.querySelector("[data-announce]")?.dataset.announce;
    document.dispatchEvent(new CustomEvent("announce", { detail: said }));
  }

  key(event) {
    if (event.isComposing) return;
    const many = this.box.hidden ? 0 : this.options.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && many) {
      this.mark(((this.marked + 1 + step + many + 1) % (many + 1)) - 1); // past either end: back in the field
      event.preventDefault();
    } else if (event.key === "Enter" && many && this.marked >= 0) {
      event.preventDefault();
      this.go(this.options[this.marked]);
    } else if (event.key === "Escape" && !this.box.hidden) {
      event.preventDefault();
      this.input.dispatchEvent(new CustomEvent("enough"));
      this.close();
    }
  }

  mark(place) {
    this.marked = place >= (this.options?.length ?? 0) ? -1 : place;
    for (const [at, option] of (this.options ?? []).entries()) option.setAttribute("aria-selected", String(at === this.marked));
    const option = this.options?.[this.marked];
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.box.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }

  go(option) {
    const target = option && new URL(option.dataset.href, location.href);
    if (target?.origin === location.origin) location.assign(target);
  }
}

for (const input of document.querySelectorAll("[data-suggestions-url]")) new Combobox(input);
