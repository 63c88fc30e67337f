// Elements, and screens out of the templates in shell.html.
import { known } from "./state.js";

const main = document.getElementById("main");
export const find = (selector) => main.querySelector(selector);

export function element(tag, facts, ...children) {
  const made = Object.assign(document.createElement(tag), facts);
  made.append(...children);
  return made;
}

// `fill` is what its slots say, `shown` which of its optional parts are there.
export function screen(name, fill = {}, shown = {}) {
  const part = document.getElementById(`screen-${name}`).content.cloneNode(true);
  const said = { name: known.building?.name, ...fill };
  part.querySelectorAll("[data-fill]").forEach((slot) => {
    slot.textContent = said[slot.dataset.fill] ?? "";
    if (slot.hasAttribute("hidden")) slot.hidden = !slot.textContent;
  });
  part.querySelectorAll("[data-if]").forEach((slot) => {
    slot.hidden = !shown[slot.dataset.if];
  });
  main.replaceChildren(part);
}

// A tap counts once, however often it is tapped.
export function on(what, work) {
  main.querySelectorAll(`[data-do="${what}"]`).forEach((button) =>
    button.addEventListener("click", work, { once: true }));
}

export const list = (slot, children) => find(`[data-list="${slot}"]`).append(...children);
