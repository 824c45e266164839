// <time data-until="2026-04-01T09:00:00Z" data-over="Expired">: minutes and seconds that are left.
function announce(detail) {
  document.dispatchEvent(new CustomEvent("announce", { detail }));
}

function left(element) {
  return Math.max(0, Math.ceil((Date.parse(element.dataset.until) - Date.now()) / 1000));
}

function show(element) {
  const seconds = left(element);
  if (seconds === 0) {
    element.textContent = element.dataset.over || "0:00";
    announce(element.dataset.over);
    return;
  }
  element.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  setTimeout(() => show(element), 1000);
}

for (const element of document.querySelectorAll("[data-until]")) show(element);
