// The words are all in the page, in the reader's language; scripts only show, fill and hide them.
export const facts = document.body.dataset;

export const part = (id) => document.getElementById(id);

export function show(id, visible = true) {
  part(id).hidden = !visible;
}

// A copy of a template; `words` fill the elements with data-fill="name".
export function copy(id, words = {}) {
  const made = part(id).content.firstElementChild.cloneNode(true);
  for (const [name, text] of Object.entries(words)) {
    for (const place of made.querySelectorAll(`[data-fill="${name}"]`)) place.textContent = text;
  }
  return made;
}

// One notice at a time, read aloud; the next one, or a tap on its cross, takes its place.
export function say(name, words = {}) {
  const notice = copy(`say-${name}`, words);
  notice.querySelector("[data-close]")?.addEventListener("click", hush);
  part("notices").replaceChildren(notice);
  notice.scrollIntoView({ block: "nearest" });
}

export function hush() {
  part("notices").replaceChildren();
}

export const language = document.documentElement.lang;

export function clock(moment) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(moment);
}
