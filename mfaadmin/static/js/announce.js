// The page's one live region says what other scripts send here: new CustomEvent("announce", { detail: "…" }).
document.addEventListener("announce", ({ detail }) => {
  const region = document.getElementById("announcer");
  if (region && detail) region.textContent = detail;
});
