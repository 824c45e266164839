// After a refused form the summary of errors takes the focus, so that nobody has to look for it.
const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();
