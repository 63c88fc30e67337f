// The wall screen: how long ago what it shows was found to be so, in red after ten seconds, and one
// view of the wall after the other. live.js tells of each answer by an event on the watched part.
const RED = 10;
const TURN = 12000;
const part = document.querySelector("[data-screen]");
const words = document.querySelector("[data-age-words]");
const lost = document.querySelector("[data-age-lost]");
const fresh = words.textContent;
let checked = Date.now();
let at = 0;

part.addEventListener("live:checked", (event) => (checked = Date.now() - 1000 * event.detail));
part.addEventListener("live:swapped", show);
setInterval(age, 1000);
setInterval(turn, TURN);
show();

function age() {
  const seconds = Math.round((Date.now() - checked) / 1000);
  words.textContent = seconds < 3 ? fresh : `${seconds} ${part.dataset.ago}`;
  document.body.classList.toggle("is-old", seconds >= RED);
  lost.hidden = seconds < RED;
}

function turn() {
  at += 1;
  show();
}

function show() {
  const views = [...part.querySelectorAll("[data-view]")];
  views.forEach((view, number) => (view.hidden = number !== at % views.length));
  const told = part.querySelector("[data-views-told]");
  if (told) told.textContent = `${(at % views.length) + 1} / ${views.length}`;
}
