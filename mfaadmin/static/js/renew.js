// Whoever is about to press something in a part that is renewed goes on where they were, and not at the top of the page.
const nameOf = (one) => [one.tagName, one.id, one.name, one.value, one.getAttribute("href"), one.form?.getAttribute("action")].join(" ");

export function renew(element, nodes) {
  const held = element.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  element.replaceChildren(...nodes);
  if (held === null) return;
  const same = [...element.querySelectorAll("a, button, input, summary")].find((one) => nameOf(one) === held);
  if (!same) element.tabIndex = -1;
  (same ?? element).focus({ preventScroll: true });
}
