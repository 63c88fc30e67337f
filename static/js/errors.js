// After a refused form the summary is read first; its links lead into the field itself.
const summary = document.querySelector("[data-error-summary]");
summary?.focus();
summary?.addEventListener("click", (event) => {
  const field = document.getElementById(event.target.closest("a")?.hash.slice(1));
  const input = field?.matches("input, textarea, select")
    ? field : field?.querySelector("input:not([type=hidden]), textarea, select");
  if (!input) return;
  event.preventDefault();
  field.scrollIntoView();
  input.focus();
});
