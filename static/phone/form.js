// A form from its definition, with the same fields, classes and rules as reports/_field.html.

// `before` holds what stands above a field, by its name.
export function drawForm(into, definition, values, floors, before = {}) {
  into.replaceChildren(...definition.fields.flatMap((field) =>
    [before[field.name] ?? [], drawField(field, values, floors)].flat()));
  into.addEventListener("change", () => showRelevant(into, definition));
  showRelevant(into, definition);
}

function make(tag, facts = {}, ...children) {
  const { className, text, data, ...attributes } = facts;
  const element = Object.assign(document.createElement(tag), attributes);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

function drawField(field, values, floors) {
  const { name, label, type, hint } = field;
  const value = values[name] ?? field.default ?? "";
  const hints = hint ? [make("span", { className: "hint", id: `${name}-hint`, text: hint })] : [];
  const facts = { className: "field", id: `field-${name}`, data: { name } };
  if (type === "text" || type === "number") {
    const input = type === "text"
      ? make("textarea", { id: name, name, rows: 3, value })
      : make("input", { id: name, name, type: "text", inputMode: "numeric", maxLength: 4, value });
    if (hint) input.setAttribute("aria-describedby", `${name}-hint`);
    return make("p", facts, make("label", { htmlFor: name, text: label }), ...hints, input);
  }
  const offered = type === "floors" ? floors : field.choices;
  const chosen = [].concat(value).map(String);
  const choices = offered.map((choice) => make("label", { className: "choice" },
    make("input", {
      type: type === "choice" ? "radio" : "checkbox",
      name,
      value: choice.value,
      checked: chosen.includes(String(choice.value)),
    }),
    make("span", { text: choice.label })));
  return make("fieldset", facts, make("legend", { text: label }), ...hints,
    make("div", { className: "choices" }, ...choices));
}

function isRelevant(field, answers) {
  return Object.entries(field.relevant ?? {}).every(([other, wanted]) =>
    [].concat(answers[other] ?? []).some((value) => wanted.includes(value)));
}

function showRelevant(into, definition) {
  const answers = readForm(into, definition);
  definition.fields.forEach((field) =>
    into.querySelector(`#field-${field.name}`)
      .classList.toggle("not-relevant", !isRelevant(field, answers)));
  into.querySelectorAll(".choice").forEach((each) =>
    each.classList.toggle("is-chosen", each.firstChild.checked));
}

// Relevant answers only, as the API takes them.
export function readForm(into, definition) {
  const answers = {};
  // In the order of the form: what makes a field relevant comes before it.
  definition.fields.forEach((field) => {
    if (!isRelevant(field, answers)) return;
    const { name, type } = field;
    const inputs = [...into.querySelectorAll(`[name="${name}"]`)];
    if (type === "text" || type === "number") answers[name] = inputs[0].value.trim();
    else if (type === "choice") answers[name] = inputs.find((i) => i.checked)?.value ?? "";
    else answers[name] = inputs.filter((i) => i.checked).map((i) => i.value);
    if (answers[name] === "" || answers[name].length === 0) delete answers[name];
  });
  return answers;
}

// What is asked and not answered: said at once, with or without a signal.
export function lacking(definition, answers) {
  const needed = definition.fields.flatMap((field) => (field.choices ?? [])
    .filter((choice) => [].concat(answers[field.name] ?? []).includes(choice.value))
    .map((choice) => choice.needs_one_of ?? [])
    .filter((names) => names.length && !names.some((name) => name in answers))
    .map((names) => names[0]));
  return definition.fields.filter((field) => needed.includes(field.name)
    || (field.required && isRelevant(field, answers) && !(field.name in answers)));
}
