// A form that is on its way is not sent a second time by a double click, or by a person and poll.js at once: browsers drop the
// answer to the first, although the site has done what was asked. Buttons stay enabled, so that they are sent and read aloud.
// Not for forms that only ask (get), that open elsewhere, or whose answer is a file and the page stays: data-answer="file".
const PATIENCE = 10_000; // where somebody stopped the loading, the form can be sent anew

let sentAt = new WeakMap();

function leadsOn(form) {
  const said = (name) => form.getAttribute(name)?.toLowerCase() ?? ""; // a field of that name would hide form.method
  return said("method") === "post" && ["", "_self"].includes(said("target")) && form.dataset.answer !== "file";
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !leadsOn(form)) return;
  if (performance.now() - (sentAt.get(form) ?? -Infinity) < PATIENCE) event.preventDefault();
  else sentAt.set(form, performance.now());
});
addEventListener("pageshow", (event) => {
  if (event.persisted) sentAt = new WeakMap();
});
