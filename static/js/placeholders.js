// Puts the name of a figure where the writer was last. Without scripts it is copied by hand.
let last = document.querySelector("form.sheet textarea");
document.querySelectorAll("form.sheet textarea").forEach((area) => {
  area.addEventListener("focus", () => (last = area));
});
document.querySelectorAll("[data-insert]").forEach((button) => {
  button.addEventListener("click", () => {
    if (!last) return;
    last.setRangeText(button.dataset.insert, last.selectionStart, last.selectionEnd, "end");
    last.focus();
  });
});
