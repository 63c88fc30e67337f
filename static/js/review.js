// Keys on the queue of reviews: j and k move, x chooses, a accepts, t opens the return. They can be
// switched off, and nothing needs them. The undo goes when its ten seconds are over.
const KEPT = "review.keys";
const list = document.querySelector("[data-reviews]");
const panel = document.querySelector("[data-keys]");
const toggle = document.querySelector("[data-keys-on]");

if (list && panel && toggle) {
  panel.hidden = false;
  toggle.checked = kept() !== "off";
  toggle.addEventListener("change", () => keep(toggle.checked ? "on" : "off"));
  document.addEventListener("keydown", press);
}

function press(event) {
  const field = event.target.closest("textarea, select, input:not([type=checkbox])");
  if (!toggle.checked || field || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = [...list.querySelectorAll("[data-review]")];
  const here = all.indexOf(document.activeElement.closest("[data-review]"));
  const at = (selector) => all[here]?.querySelector(selector);
  if (event.key === "j") all[Math.min(here + 1, all.length - 1)].focus();
  else if (event.key === "k") all[Math.max(here - 1, 0)].focus();
  else if (event.key === "x") at("[data-review-choose]")?.click();
  else if (event.key === "a") accept(at("[data-review-accept]"));
  else if (event.key === "t") open(at("[data-review-return]"));
  else return;
  event.preventDefault();
}

// What is chosen goes together; else the one that has the focus.
function accept(button) {
  const form = document.getElementById("chosen");
  if (list.querySelector("[data-review-choose]:checked")) form.submit();
  else button?.click();
}

function open(details) {
  if (!details) return;
  details.open = true;
  details.querySelector("input[name=reason]").focus();
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(value) {
  try {
    localStorage.setItem(KEPT, value);
  } catch {
    // Not kept: on again at the next visit.
  }
}

document.querySelectorAll("[data-seconds-left]").forEach((banner) => {
  const seconds = Number(banner.dataset.secondsLeft);
  setTimeout(() => banner.querySelector("form")?.remove(), seconds * 1000);
});

document.querySelector("[data-error-summary]")?.focus();
