// The screens of the shell, one function each, by the name after the #.
import { element, find, list, on, screen } from "./draw.js";
import { askForm } from "./ask.js";
import { drawMine } from "./mine.js";
import {
  aboutWeek, atDoor, doorsLeft, isDone, isFiled, known, queue, say, seenHere, unsent, week,
  weekPlace,
} from "./state.js";

const doorOf = (code) => known.building.doors.find((each) => each.code === code);
const titleOf = (door) => `${known.building.name} ${door.name}`;
const howMany = () => (doorsLeft().length ? say("doors_left", doorsLeft().length) : say("confirmed"));

const tile = (href, textContent) => element("li", {},
  element("a", { className: "tile", href }, element("span", { textContent })));

function drawKinds(choices) {
  screen("matter");
  const own = choices.map(({ value, label }) => tile(`#matter/${value}`, label));
  const atDoors = ["help", "people"].map((each) => tile(`#matter/${each}/doors`, say(each)));
  list("kinds", [...own.slice(0, -1), ...atDoors, ...own.slice(-1)]);
}

const soFar = () => element("section", { className: "this-week" },
  element("p", { className: "quiet", textContent: say("so_far") }),
  element("p", { textContent: week().so_far ?? "" }));

function roomsFor(change) {
  screen("rooms", { title: say(change) });
  list("rooms", known.building.doors.map((each) =>
    tile(`#changed/${each.code}/${change}`, each.name)));
}

export const screens = {
  home() {
    const returned = week()?.returned;
    screen("home", {
      label: week()?.label,
      state: isFiled() ? say("filed") : say("due"),
      returned: returned && `${say("returned")}：${returned}`,
      doors: howMany(),
      unsent: unsent().length ? say("unsent", unsent().length) : "",
    }, { due: week() && !isFiled(), week: week(), matter: known.pack.forms.matter_report });
    list("others", known.pack.buildings.filter((each) => each !== known.building).map((each) =>
      element("a", { href: `#home/${each.code}`, textContent: each.name })));
  },

  nil() {
    screen("nil", { label: week().label });
    on("nil", () => queue("nil", known.building.name, [weekPlace()], aboutWeek({ nil: true })));
  },

  weekly() {
    const floors = [...new Set(known.building.doors.map((door) => door.floor))]
      .map((label) => ({ value: parseInt(label, 10), label }));
    askForm({
      back: "home", title: known.building.name, label: week().label, floors,
      form: "building_report", values: week().answers, photo: true, before: { derived_ok: soFar() },
      done: (answers, photo) =>
        queue("weekly", known.building.name, [weekPlace()], aboutWeek({ answers }), photo),
    });
  },

  doors() {
    screen("doors", { left: howMany() }, { some: doorsLeft().length });
    list("doors", known.building.doors.map((door) => element("li", {},
      element("a", { href: `#door/${door.code}` },
        element("span", { textContent: door.name }),
        element("span", { textContent: isDone(door) ? `✓ ${say("confirmed")}` : "" })))));
  },

  door(code) {
    const door = doorOf(code);
    screen("door", { title: titleOf(door), state: isDone(door) ? say("confirmed") : "" });
    find("[data-changed]").href = `#changed/${code}`;
    ["same", "nobody"].forEach((situation) => on(situation, () =>
      queue(situation, titleOf(door), [code], atDoor(door, { situation, source: "visit" }))));
  },

  changed(code, change) {
    const door = doorOf(code);
    askForm({
      back: `door/${code}`, title: titleOf(door), form: "household_report",
      values: { situation: "changed", source: "visit", changes: change ? [change] : [] },
      done: (answers) => queue("changed", titleOf(door), [code], atDoor(door, answers)),
    });
  },

  // A tile a kind; of a household first its door.
  matter(kind, atDoors) {
    const { choices } = known.pack.forms.matter_report.definition.fields[0];
    const label = choices.find((each) => each.value === kind)?.label;
    if (atDoors) return roomsFor(kind);
    if (!label) return drawKinds(choices);
    askForm({
      back: "matter", title: `${known.building.name} ${label}`, form: "matter_report",
      values: { kind }, only: "kind", photo: true,
      done: (answers, photo) =>
        queue("matter", `${known.building.name} ${label}`, [], seenHere(answers), photo),
    });
  },

  stairs() {
    const left = doorsLeft();
    screen("stairs");
    list("left", left.map((door) => element("label", { className: "choice is-chosen" },
      element("input", { type: "checkbox", checked: true, value: door.code }),
      element("span", { textContent: door.name }))));
    find("[data-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      const codes = [...document.querySelectorAll("input:checked")].map((input) => input.value);
      const doors = left.filter((door) => codes.includes(door.code));
      const where = `${known.building.name} ${say("chosen", doors.length)}`;
      const same = { situation: "same", source: "stairs" };
      if (doors.length) queue("stairs", where, codes, doors.map((door) => atDoor(door, same)));
    }, { once: true });
  },

  mine: drawMine,
};
