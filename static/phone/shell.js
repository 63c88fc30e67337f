// The phone without a signal: which screen, and when to send and to look for news.
import { comfort } from "./comfort.js";
import { screen } from "./draw.js";
import { screens } from "./screens.js";
import { flush, waits } from "./send.js";
import { isOverdue, known, load, refresh, say, unsent } from "./state.js";

const EVERY = 15000;
const FILLED_IN = ["weekly", "changed", "stairs", "matter"];
let drawn;
const route = () => (location.hash.slice(1) || "home").split("/");

async function show() {
  await load();
  drawn = told();
  drawLine();
  if (!known.pack) return screen("mine", { unsent: say("no_pack") }, { login: true });
  const [name, code, more] = route();
  const { buildings, telephone } = known.pack;
  known.building =
    buildings.find((each) => code === each.code || code?.startsWith(`${each.code}-`)) ??
    buildings.find((each) => each.code === known.building?.code) ?? buildings[0];
  drawFoot(telephone);
  if (known.building) (screens[name] ?? screens.home)(code, more);
}

function drawLine() {
  const line = document.getElementById("line");
  const left = unsent().length;
  line.hidden = navigator.onLine && !left;
  line.classList.toggle("is-calm", !navigator.onLine);
  line.textContent = navigator.onLine ? say("unsent", left) : say("offline");
  const late = document.getElementById("late");
  late.hidden = !known.pack?.telephone || !unsent().some(isOverdue);
  late.querySelector("a").href = `tel:${known.pack?.telephone ?? ""}`;
  late.querySelector("b").textContent = known.pack?.telephone ?? "";
}

function drawFoot(telephone) {
  document.getElementById("foot").hidden = false;
  const call = document.getElementById("call");
  call.hidden = !telephone;
  call.href = `tel:${telephone}`;
  call.querySelector("[data-fill]").textContent = telephone;
}

// What is being filled in is not drawn again, nor what has not changed: a button that is put in
// anew under a finger loses the tap.
async function redraw() {
  await load();
  if (FILLED_IN.includes(route()[0]) || told() === drawn) drawLine();
  else await show();
}

const told = () => JSON.stringify([known.items, { ...known.pack, at: "" }, navigator.onLine]);

async function goOn() {
  await flush();
  await refresh();
  await redraw();
}

addEventListener("hashchange", () => show().then(() => scrollTo(0, 0)));
addEventListener("changed", redraw);
addEventListener("online", goOn);
addEventListener("offline", redraw);
addEventListener("pageshow", (event) => event.persisted && goOn());
document.addEventListener("visibilitychange", () => document.hidden || goOn());
setInterval(() => flush().then(redraw), EVERY);
addEventListener("beforeunload", (event) => {
  if (unsent().some(waits) && !navigator.onLine) event.preventDefault();
});
navigator.serviceWorker?.register("/sw.js").catch(() => {});
comfort(document.querySelector("[data-comfort]"));
show().then(goOn);
