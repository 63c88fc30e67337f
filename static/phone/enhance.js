// On the pages that the server draws: a sending is kept on the phone before it is sent, so that a
// lost signal loses nothing. Where anything here fails, the form is sent as every form is.
import { comfort } from "./comfort.js";
import { add, addPhoto, all, change, forget, keepPack, recallPack } from "./outbox.js";
import { shrink } from "./photo.js";
import { flush, isDelivered, waits } from "./send.js";
import { freshPack } from "./wire.js";

const PACK_KEEPS = 5 * 60 * 1000;
const DAY = 24 * 3600 * 1000;

document.querySelectorAll("form[data-place]").forEach((form) =>
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name) form.dataset.pressed = `${event.submitter.name}=${event.submitter.value}`;
    event.preventDefault();
    if (form.dataset.isSent) return;
    form.dataset.isSent = "yes";
    send(form).catch(() => form.submit());
  }));

async function send(form) {
  const { place, period, what, where, form: code } = form.dataset;
  const pack = (await recallPack()) ?? (await news());
  const content = { place, period, form: code, made_at: new Date().toISOString(), ...bodyOf(form) };
  const item = await add({ id: content.id, uid: pack.uid, what, where, content });
  const said = period ? `${place} ${period}` : place;
  const kept = await change(item, { places: code ? [] : [said] });
  const [photo] = form.elements.photo?.files ?? [];
  if (photo) await addPhoto(kept, await shrink(photo));
  await flush({ now: true });
  const after = (await all()).find((each) => each.id === item.id);
  if (isDelivered(after)) return location.assign(`/receipt/${item.id}/`);
  if (waits(after)) return location.assign("/f/#mine");
  // Refused: the server's own page says it best, with everything still in it.
  await forget(item.id);
  for (const each of await all()) if (each.of === item.id) await forget(each.id);
  pressed(form);
  form.submit();
}

function pressed(form) {
  // What the tapped button says travels with the answers.
  const [name, value] = (form.dataset.pressed ?? "").split("=");
  if (name && !form.elements[name]?.value) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
}

const ENVELOPE = ["id", "base_rev", "form_version", "reason", "happened_on"];

function bodyOf(form) {
  pressed(form);
  const body = { answers: {} };
  new FormData(form).forEach((value, name) => {
    if (name === "csrfmiddlewaretoken" || value === "" || value instanceof File) return;
    if (ENVELOPE.includes(name)) body[name] = name.endsWith("rev") || name.endsWith("version") ? Number(value) : value;
    else if (form.elements[name] instanceof RadioNodeList && form.elements[name][0].type === "checkbox") {
      body.answers[name] = [...(body.answers[name] ?? []), value];
    } else body.answers[name] = form.elements[name].type === "checkbox" ? [value] : value;
  });
  if (form.dataset.nil) return { ...body, nil: true, answers: {} };
  return body;
}

async function news() {
  const pack = await freshPack();
  if (pack) await keepPack(pack);
  return pack;
}

async function goOn() {
  await flush();
  const pack = await recallPack();
  if (!pack || Date.now() - Date.parse(pack.at) > PACK_KEEPS) await news();
  const waiting = (await all()).filter((item) => !isDelivered(item) && item.uid === (pack ?? {}).uid);
  const badge = document.querySelector("[data-unsent]");
  if (badge) badge.hidden = !waiting.length;
  const late = document.querySelector("[data-unsent-late]");
  if (late) late.hidden = !waiting.some((item) => waits(item) && Date.now() - item.at > DAY);
}

comfort(document.querySelector("[data-comfort]"));
goOn().catch(() => {});
addEventListener("online", () => goOn().catch(() => {}));
document.addEventListener("visibilitychange", () => document.hidden || goOn().catch(() => {}));
navigator.serviceWorker?.register("/sw.js").catch(() => {});
