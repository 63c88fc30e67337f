// The photo that was chosen is shown, and may be let go again before anything is sent.
export function showChosen(field) {
  const shown = field.closest(".field").querySelector("[data-chosen]");
  const picture = shown.querySelector("img");
  const draw = () => {
    URL.revokeObjectURL(picture.src);
    const [chosen] = field.files;
    shown.hidden = !chosen;
    if (chosen) picture.src = URL.createObjectURL(chosen);
  };
  field.addEventListener("change", draw);
  shown.querySelector("button").addEventListener("click", () => {
    field.value = "";
    draw();
    field.focus();
  });
  draw();
}
