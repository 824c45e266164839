// <p data-preview-url="…"> in a form: shows what the server makes of the form as it is filled in. Nothing is sent or kept.
const PAUSE = 400;

function show(place) {
  const form = place.closest("form");
  let timer;
  const ask = async () => {
    try {
      const answer = await fetch(place.dataset.previewUrl, { method: "POST", body: new FormData(form), cache: "no-store" });
      place.textContent = answer.ok && !answer.redirected ? await answer.text() : "";
    } catch {
      place.textContent = "";
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
}

for (const place of document.querySelectorAll("[data-preview-url]")) show(place);
