// Sends what waits. An item is delivered when the server answers with a receipt, and by nothing
// else: not by a page, not by a redirect, not by status 200 alone.
import { all, change, contentOf, forget, photoOf } from "./outbox.js";
import { ask } from "./wire.js";

const LONGEST = 5 * 60 * 1000;
const WAITING = ["queued", "sending", "needs_login"];

export const waits = (item) => WAITING.includes(item.state);
export const isDelivered = (item) => item.state === "sent";

// One flush at a time, across tabs where the browser has locks; ids make the rest harmless.
export async function flush({ now = false } = {}) {
  if (!navigator.locks) return send(now);
  return navigator.locks.request("outbox", { ifAvailable: true }, (lock) => lock && send(now));
}

async function send(now) {
  const due = (await all()).filter((item) => waits(item) && (now || item.nextAt <= Date.now()));
  if (!due.length) return;
  let who;
  try {
    who = await ask("GET", "/api/whoami/");
  } catch {
    return;
  }
  if (who.status === 401) {
    for (const item of due) await change(item, { state: "needs_login" });
    return;
  }
  if (who.status !== 200) return;
  for (const item of due) {
    // On a shared phone nobody sends what another filled in.
    if (item.uid !== who.body.uid) continue;
    if (item.of) await deliverPhoto(item, who.body.csrf);
    else await deliver(item, who.body.csrf);
  }
}

async function deliver(item, csrf) {
  const content = await contentOf(item);
  await change(item, { state: "sending" });
  try {
    const many = Array.isArray(content);
    const answer = many
      ? await ask("POST", "/api/filings/", csrf, { items: content })
      : await ask("PUT", `/api/filings/${item.id}/`, csrf, content);
    const more = many && answer.status === 200 ? together(answer.body.items) : judged(answer);
    await change(item, { tries: 0, ...more });
  } catch {
    await change(item, later(item));
  }
}

// After its text, and by itself: a photo that is lost on the way or refused never holds that up.
async function deliverPhoto(item, csrf) {
  const text = (await all()).find((each) => each.id === item.of);
  if (!text) return forget(item.id);
  if (!isDelivered(text)) return;
  await change(item, { state: "sending" });
  try {
    const answer = await ask("PUT", `/api/filings/${item.of}/photos/1/`, csrf, await photoOf(item));
    await change(item, { tries: 0, ...judged(answer) });
  } catch {
    await change(item, later(item));
  }
}

// Throws when this is no answer of ours: a portal's page, a proxy's error.
function judged({ status, body, headers }) {
  if (body.receipt) return { state: "sent", receipt: body.receipt };
  if (status === 401) return { state: "needs_login" };
  if (status === 409 && body.theirs) return { state: "conflict", problem: body };
  if (["unknown_form_version", "form_updated"].includes(body.code)) return { state: "stale", problem: body };
  if (!body.code || status === 429 || status >= 500) throw new Error(headers.get("Retry-After"));
  return { state: "rejected", problem: body };
}

function together(items) {
  const refused = items.filter((each) => !each.receipt);
  if (!refused.length) return { state: "sent", receipt: items[0].receipt };
  const fields = Object.fromEntries(refused.map((each) => [each.id, each.message]));
  return { state: "rejected", problem: { message: refused[0].message, fields } };
}

function later(item) {
  const tries = item.tries + 1;
  const wait = Math.min(LONGEST, 2000 * 2 ** tries) * (0.5 + Math.random());
  return { state: "queued", tries, nextAt: Date.now() + wait };
}
