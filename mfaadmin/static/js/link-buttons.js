// A link that looks like a button is pressed with the space bar like one.
document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.('a[role="button"]');
  if (link && event.key === " ") {
    event.preventDefault();
    link.click();
  }
});
