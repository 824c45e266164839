// Header menus are plain <details>: this closes them on Escape and on a click elsewhere.
function openMenus() {
  return document.querySelectorAll("details[data-menu][open]");
}

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// On a phone the left menu is a strip to swipe: bring the current entry into sight.
document.querySelector(".menu [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
