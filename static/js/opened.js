// A form behind a button: opened, its first field has the focus and the end of what stands in it.
document.querySelectorAll("[data-opened]").forEach((details) => {
  details.addEventListener("toggle", () => {
    const field = details.open && details.querySelector("textarea, input[type=text]");
    if (!field) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  });
});
