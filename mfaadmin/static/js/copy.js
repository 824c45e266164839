// <button data-copy="#id" data-copied="Copied" hidden>: copies that element's text.
function announce(detail) {
  document.dispatchEvent(new CustomEvent("announce", { detail }));
}

async function copy(button) {
  const text = document.querySelector(button.dataset.copy).textContent.replace(/\s+/g, "");
  await navigator.clipboard.writeText(text);
  announce(button.dataset.copied);
  button.dataset.done = "";
  setTimeout(() => delete button.dataset.done, 2500);
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
