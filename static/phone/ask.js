// Asking a form: what lacks is named on top, and what was typed stays.
import { showChosen } from "./chosen.js";
import { element, find, screen } from "./draw.js";
import { drawForm, lacking, readForm } from "./form.js";
import { known, say } from "./state.js";

export function askForm({
  back, title, label = "", form, values = {}, floors = [], done, only, photo = false, before,
}) {
  const { definition } = known.pack.forms[form];
  screen("form", { title, label }, { photo });
  find("[data-back]").href = `#${back}`;
  if (photo) showChosen(find("#photo"));
  const fields = find("[data-fields]");
  drawForm(fields, definition, values, floors, before);
  // What was chosen by the tile is not asked again.
  if (only) find(`#field-${only}`).hidden = true;
  let isSent = false;
  find("[data-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    const answers = readForm(fields, definition);
    const missing = lacking(definition, answers);
    document.title = `${missing.length ? say("error") : ""}${title}`;
    if (missing.length) return showLacking(missing);
    if (!isSent) done(answers, find("#photo").files[0]);
    isSent = true;
  });
}

function showLacking(missing) {
  for (const wrong of document.querySelectorAll("[data-fields] .is-wrong")) {
    wrong.classList.remove("is-wrong");
    wrong.querySelector(".error")?.remove();
  }
  const problem = find("[data-problem]");
  problem.hidden = false;
  problem.replaceChildren(element("ul", {}, ...missing.map((field) => {
    const asked = find(`#field-${field.name}`);
    const told = `${say(field.type === "text" ? "unwritten" : "lacking")}${field.label}`;
    asked.classList.add("is-wrong");
    asked.querySelector(".error")?.remove();
    asked.querySelector("legend, label").after(
      element("span", { className: "error", id: `${field.name}-error`, textContent: told }));
    asked.querySelector("textarea")?.setAttribute("aria-describedby", `${field.name}-error`);
    const link = element("a", { href: `#field-${field.name}`, textContent: told });
    link.addEventListener("click", (event) => {
      // The hash belongs to the screens.
      event.preventDefault();
      find(`#field-${field.name} input, #field-${field.name} textarea`).focus();
    });
    return element("li", {}, link);
  })));
  problem.focus();
}
