// The screens of the shell, one function each, by the name after the #.
import { element, find, list, on, screen } from "./draw.js";
import { askForm } from "./ask.js";
import { drawMine } from "./mine.js";
import {
  aboutWeek, atDoor, doorsLeft, isDone, isFiled, known, queue, say, unsent, week, weekPlace,
} from "./state.js";

const doorOf = (code) => known.building.doors.find((each) => each.code === code);
const titleOf = (door) => `${known.building.name} ${door.name}`;
const howMany = () => (doorsLeft().length ? say("doors_left", doorsLeft().length) : say("confirmed"));

export const screens = {
  home() {
    const returned = week()?.returned;
    screen("home", {
      label: week()?.label,
      state: isFiled() ? say("filed") : say("due"),
      returned: returned && `${say("returned")}：${returned}`,
      doors: howMany(),
      unsent: unsent().length ? say("unsent", unsent().length) : "",
    }, { due: week() && !isFiled(), week: week() });
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
      form: "building_report", values: week().answers,
      done: (answers) => queue("weekly", known.building.name, [weekPlace()], aboutWeek({ answers })),
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

  changed(code) {
    const door = doorOf(code);
    askForm({
      back: `door/${code}`, title: titleOf(door), form: "household_report",
      values: { situation: "changed", source: "visit" },
      done: (answers) => queue("changed", titleOf(door), [code], atDoor(door, answers)),
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
