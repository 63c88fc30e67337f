// What the shell knows: the pack that was kept when there was a signal, and the outbox.
import { add, addPhoto, all, change, keepPack, newId, recallPack } from "./outbox.js";
import { shrink } from "./photo.js";
import { flush, isDelivered, waits } from "./send.js";
import { freshPack } from "./wire.js";

const words = JSON.parse(document.getElementById("words").textContent);
export const say = (word, number) => words[word].replace("%d", number);

export const known = { pack: null, building: null, items: [] };

export const week = () =>
  known.building.weeks.find((each) => each.is_present) ?? known.building.weeks[0];
export const mine = () => known.items.filter((item) => item.uid === known.pack?.uid);
export const unsent = () => mine().filter((item) => !isDelivered(item));
// What waits for longer than a day: then a person had better ring.
const DAY = 24 * 3600e3;
export const isOverdue = (item) => waits(item) && Date.now() - item.at > DAY;
// A pack that is newer than a delivery knows better: what was said may be withdrawn by now.
const isKnownBetter = (item) => isDelivered(item) && item.sentAt < (known.pack?.keptAt ?? 0);
const isSaidHere = (place) => mine().some((item) =>
  item.state !== "rejected" && !isKnownBetter(item) && item.places?.includes(place));
// A door counts as done once it is said here, delivered or not: nothing is asked twice.
export const isDone = (door) => door.is_confirmed || isSaidHere(door.code);
export const isFiled = () => week()?.is_filed || isSaidHere(weekPlace());
export const doorsLeft = () => known.building.doors.filter((door) => !isDone(door));
export const weekPlace = () => `${known.building.code} ${week()?.key}`;

// Shanghai's day, whatever the phone's own zone.
const today = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);

export const aboutWeek = (more) => ({
  place: known.building.code,
  period: week().key,
  base_rev: week().rev,
  form_version: known.pack.forms.building_report.number,
  ...more,
});

export const atDoor = (door, answers) => ({
  place: door.code,
  happened_on: today(),
  form_version: known.pack.forms.household_report.number,
  answers,
});

export const seenHere = (answers) => ({
  place: known.building.code,
  form: "matter_report",
  happened_on: today(),
  form_version: known.pack.forms.matter_report.number,
  answers,
});

export async function queue(what, where, places, content, photo) {
  const made_at = new Date().toISOString();
  const stamped = Array.isArray(content)
    ? content.map((each) => ({ id: newId(), made_at, ...each }))
    : { made_at, ...content };
  const item = await add({ id: newId(), uid: known.pack.uid, what, where, content: stamped });
  const kept = await change(item, { places });
  if (photo) await addPhoto(kept, await shrink(photo));
  location.hash = "mine";
  flush().then(changed);
  return item;
}

export const changed = () => dispatchEvent(new Event("changed"));

export async function load() {
  known.items = await all();
  known.pack ??= await recallPack();
}

export async function refresh() {
  try {
    const fresh = await freshPack();
    if (fresh) await keepPack((known.pack = fresh));
  } catch {
    // Without a signal the kept one serves.
  }
}
