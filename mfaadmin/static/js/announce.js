// The page's one live region says what other scripts send here: new CustomEvent("announce", { detail: "…" }).
// In a closed shadow root: whoever searches the page finds a sentence once, where it is seen.
const spoken = document.getElementById("announcer")?.attachShadow({ mode: "closed" });
document.addEventListener("announce", ({ detail }) => {
  if (spoken && detail) spoken.textContent = detail;
});
