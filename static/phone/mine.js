// 我的填报: every sending with its state in words and its receipt.
import { askForm } from "./ask.js";
import { element, list, on, screen } from "./draw.js";
import { change, contentOf, forget } from "./outbox.js";
import { flush, isDelivered, waits } from "./send.js";
import { changed, known, mine, queue, say, unsent } from "./state.js";

export function drawMine() {
  const waiting = unsent();
  screen("mine", { unsent: waiting.length ? say("unsent", waiting.length) : "" }, {
    unsent: waiting.some(waits),
    login: waiting.some((item) => item.state === "needs_login"),
    empty: !mine().length,
    others: known.items.some((item) => item.uid !== known.pack?.uid && !isDelivered(item)),
  });
  on("flush", () => flush({ now: true }).then(changed));
  list("mine", mine().reverse().map(row));
}

function row(item) {
  const [kind, glyph] = isDelivered(item)
    ? ["is-sent", "✓"]
    : waits(item) ? ["is-waiting", "↑"] : ["is-wrong", "!"];
  const receipt = item.receipt ? ` · ${say("receipt")} ${item.receipt}` : "";
  const shown = element("li", {},
    element("p", { textContent: `${say(item.what)} · ${item.where}` }),
    element("p", {
      className: `sending-state ${kind}`,
      textContent: `${glyph} ${say(item.state)}${receipt}`,
    }),
    element("small", { textContent: when(item.at) }));
  if (item.of && waits(item) && item.state !== "sending") shown.append(button("drop_photo", () => drop(item)));
  if (kind === "is-wrong") {
    shown.append(
      element("p", { textContent: item.problem?.message ?? "" }),
      ...(item.of ? [] : [button("correct", () => correct(item))]),
      button("drop", () => drop(item)));
  }
  return shown;
}

const when = (at) => new Date(at).toLocaleString("zh-CN", {
  month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });

const button = (word, onclick) =>
  element("button", { type: "button", className: "button", textContent: say(word), onclick });

async function drop(item) {
  await forget(item.id);
  for (const photo of known.items.filter((each) => each.of === item.id)) await forget(photo.id);
  changed();
}

// The form again with what was filled in, on top of what others said meanwhile. The refused one
// goes when the new one is kept.
async function correct(item) {
  const content = await contentOf(item);
  const body = Array.isArray(content) ? content[0] : content;
  const form = body.form ?? (body.period ? "building_report" : "household_report");
  askForm({
    back: "mine", title: item.where, label: item.problem?.message, form, values: body.answers,
    done: async (answers) => {
      const { id, nil, made_at, ...rest } = body;
      const next = await queue(item.what, item.where, item.places, {
        ...rest,
        answers,
        base_rev: item.problem?.theirs?.rev ?? body.base_rev,
        form_version: known.pack.forms[form].number,
      });
      // Its photo goes with the new one.
      for (const photo of known.items.filter((each) => each.of === item.id)) {
        await change(photo, { of: next.id });
      }
      await forget(item.id);
      flush().then(changed);
    },
  });
}
