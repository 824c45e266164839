// Remembers the reader's theme in the cookie the server reads, and shows it at once.
const root = document.documentElement;

function choose(theme) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  if (theme === "auto") root.removeAttribute("data-bs-theme");
  else root.dataset.bsTheme = theme;
  mark(theme);
}

function mark(theme) {
  for (const button of document.querySelectorAll("[data-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.theme === theme));
  }
}

for (const button of document.querySelectorAll("[data-theme]")) {
  button.addEventListener("click", () => choose(button.dataset.theme));
}
for (const group of document.querySelectorAll("[data-theme-switch]")) group.hidden = false;
