// Hides a question until the answer that makes it relevant is chosen. Without scripts all are shown
// and the server ignores what is not relevant.
document.querySelectorAll("[data-shown-when]").forEach((field) => {
  const [name, values] = [field.dataset.shownWhen, field.dataset.shownFor.split(" ")];
  const inputs = [...document.querySelectorAll(`input[name="${name}"]`)];
  const update = () =>
    field.classList.toggle(
      "not-relevant",
      !inputs.some((input) => input.checked && values.includes(input.value)),
    );
  inputs.forEach((input) => input.addEventListener("change", update));
  update();
});

// The chosen answer is framed as well as ticked.
document.querySelectorAll(".choice input").forEach((input) => {
  const update = () =>
    document.querySelectorAll(`.choice input[name="${input.name}"]`).forEach((each) =>
      each.closest(".choice").classList.toggle("is-chosen", each.checked));
  input.addEventListener("change", update);
  update();
});
