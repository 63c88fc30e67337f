// Arrow keys move between the doors (or houses) of a wall; Tab enters and leaves it once. Without
// scripts every one of them is reached by Tab.
const BY = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.querySelectorAll("[data-wall]").forEach((wall) => {
  const doors = () => [...wall.querySelectorAll("[data-door]")];

  function settle(chosen) {
    const all = doors();
    const stop = all.includes(chosen) ? chosen : all[0];
    all.forEach((door) => (door.tabIndex = door === stop ? 0 : -1));
  }

  wall.addEventListener("focusin", (event) => {
    const door = event.target.closest("[data-door]");
    if (door) settle(door);
  });

  wall.addEventListener("keydown", (event) => {
    const from = event.target.closest("[data-door]");
    if (!from || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const all = doors();
    let to = null;
    if (event.key === "Home") to = all[0];
    else if (event.key === "End") to = all[all.length - 1];
    else if (event.key in BY) to = beside(from, all, BY[event.key]);
    else return;
    event.preventDefault();
    if (to) to.focus();
  });

  // A live page swaps its figures: then the stop is set anew, on what has the focus.
  new MutationObserver(() => settle(document.activeElement)).observe(wall, { childList: true });
  settle(null);
});

// Left and right follow the order of reading; up and down take the nearest in the next row.
function beside(from, all, [dx, dy]) {
  if (dx) return all[all.indexOf(from) + dx];
  const here = from.getBoundingClientRect();
  const middle = (box) => (box.left + box.right) / 2;
  let best = null;
  let least = Infinity;
  for (const door of all) {
    const box = door.getBoundingClientRect();
    const away = dy * (box.bottom - here.bottom);
    if (away < here.height / 2) continue;
    const distance = away * 1000 + Math.abs(middle(box) - middle(here));
    if (distance < least) [best, least] = [door, distance];
  }
  return best;
}
