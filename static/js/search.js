// The search box in the head: suggestions while typing, arrows and Enter to open one, / to get here.
// Without this file the box is a plain form. The switch of single keys (review.js) holds here too.
const KEPT = "review.keys";
const PAUSE = 120;
const form = document.querySelector("[data-search]");
if (form) begin(form.querySelector("input"), form.querySelector("[data-search-found]"));

function begin(box, found) {
  let [asked, timer, chosen] = [null, 0, -1];

  const is = { role: "combobox", "aria-autocomplete": "list", "aria-controls": "search-options" };
  Object.entries(is).forEach(([name, value]) => box.setAttribute(name, value));
  box.setAttribute("aria-expanded", "false");
  box.addEventListener("input", () => (clearTimeout(timer), (timer = setTimeout(ask, PAUSE))));
  box.addEventListener("focus", () => found.querySelector("[role=option]") && box.value && show());
  box.addEventListener("keydown", press);
  document.addEventListener("keydown", reach);
  document.addEventListener("click", (event) => form.contains(event.target) || hide());
  form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || setTimeout(hide, 200));

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    if (!box.value.trim()) return hide();
    const address = `${form.dataset.search}?q=${encodeURIComponent(box.value)}`;
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok || answer.redirected) return hide();
      found.innerHTML = await answer.text();
    } catch {
      return; // Overtaken by what was typed since, or no connection: Enter still works.
    }
    options().forEach((each, number) => (each.id = `search-option-${number}`));
    choose(-1);
    show();
  }

  function press(event) {
    const all = options();
    if (event.key === "Escape") hide();
    else if (event.key === "Enter" && chosen >= 0 && !found.hidden) all[chosen].click();
    else if (event.key === "ArrowDown" && all.length) choose((chosen + 1) % all.length);
    else if (event.key === "ArrowUp" && all.length) choose((chosen < 1 ? all.length : chosen) - 1);
    else return;
    event.preventDefault();
  }

  function reach(event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isOff()) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select")) return;
    event.preventDefault();
    box.select();
  }

  function choose(number) {
    chosen = number;
    options().forEach((each, n) => each.setAttribute("aria-selected", String(n === number)));
    if (number < 0) return box.removeAttribute("aria-activedescendant");
    if (found.hidden) show();
    box.setAttribute("aria-activedescendant", `search-option-${number}`);
    options()[number].scrollIntoView({ block: "nearest" });
  }

  const options = () => [...found.querySelectorAll("[role=option]")];
  const show = () => toggle(true);
  const hide = () => toggle(false);
  const toggle = (isShown) => {
    found.hidden = !isShown;
    box.setAttribute("aria-expanded", String(isShown && options().length > 0));
  };
}

const isOff = () => {
  try {
    return localStorage.getItem(KEPT) === "off";
  } catch {
    return false;
  }
};
