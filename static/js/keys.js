// Single keys on a list of rows. j and k move; any other key presses what is marked with it: in the
// row that has the focus (data-on-key), for all that are ticked (data-chosen-key), or on the page
// (data-page-key). They can be switched off, once for every page, and nothing needs them.
const KEPT = "review.keys";
const ROW = "keys.row";
const list = document.querySelector("[data-rows]");
const panel = document.querySelector("[data-keys]");
const toggle = document.querySelector("[data-keys-on]");

if (panel && toggle) {
  panel.hidden = false;
  toggle.checked = read(localStorage, KEPT) !== "off";
  toggle.addEventListener("change", () => write(localStorage, KEPT, toggle.checked ? "on" : "off"));
  document.addEventListener("keydown", press);
  // A button of a row that was reached by Tab leads back to that row as a key does.
  list?.addEventListener("submit", ({ target, submitter }) => {
    if (submitter?.matches(":focus-visible")) keep(rows().indexOf(target.closest("[data-row]")));
  });
  goOn();
}

function rows() {
  return list ? [...list.querySelectorAll("[data-row]")] : [];
}

function press(event) {
  const field = event.target.closest("textarea, select, input:not([type=checkbox])");
  if (!toggle.checked || field || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = rows();
  const here = all.indexOf(document.activeElement.closest("[data-row]"));
  if (event.key === "j") all[Math.min(here + 1, all.length - 1)]?.focus();
  else if (event.key === "k") all[Math.max(here - 1, 0)]?.focus();
  else if (event.key === "/") document.querySelector("#search, [data-filter]")?.focus();
  else if (!act(event.key, all[here], here)) return;
  event.preventDefault();
}

// Whether there was something to press. Enter on a link or button stays the browser's own.
function act(key, row, here) {
  if (key === "Enter" && document.activeElement !== row) return false;
  const named = (name) => `[data-${name}-key="${CSS.escape(key)}"]`;
  const first = list?.querySelector("[data-on-key=x]:checked");
  const together = first && [...document.querySelectorAll(named("chosen"))];
  const target =
    together?.find((each) => !each.value || each.value === first.dataset.choose) ||
    row?.querySelector(named("on")) ||
    document.querySelector(named("page"));
  if (!target) return false;
  if (target.matches("a, button")) keep(here);
  if (target.localName === "details") open(target);
  else target.click();
  return true;
}

function open(details) {
  details.open = !details.open || !details.dataset.pageKey;
  details.querySelector("input[name=reason], input[type=checkbox]")?.focus();
}

function keep(here) {
  write(sessionStorage, ROW, `${location.pathname} ${here}`);
}

// Back on the same list after a key has acted: at the row that took the place of the one done.
function goOn() {
  const [path, here] = (read(sessionStorage, ROW) || "").split(" ");
  const all = rows();
  if (path === location.pathname && here >= 0) all[Math.min(here, all.length - 1)]?.focus();
  write(sessionStorage, ROW, "");
}

function read(store, name) {
  try {
    return store.getItem(name);
  } catch {
    return null;
  }
}

function write(store, name, value) {
  try {
    store.setItem(name, value);
  } catch {
    // Not kept: on again at the next visit.
  }
}
