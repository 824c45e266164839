// After a refused form the focus goes where the error is said: the summary of several, else the field itself.
const place = document.querySelector("[data-error-summary], .field-wrong :is(input, select, textarea)");
if (place) place.focus();
