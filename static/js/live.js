// Keeps the figures of an open page about a second old: asks for a version, and fetches the
// fragment only when it has grown. Says so when the connection is lost.
import { standing } from "./standing.js";

const EVERY = 1000;
const PATIENT = 5000;

document.querySelectorAll("[data-live-version]").forEach(watch);

function watch(part) {
  // A page that says what it shows misses nothing that ends before its first question.
  let seen = part.dataset.liveSeen ?? null;
  let failures = 0;

  async function look() {
    if (!document.hidden) {
      try {
        const answer = await fetch(part.dataset.liveVersion, { credentials: "omit" });
        if (!answer.ok) throw new Error(answer.status);
        const version = await answer.text();
        const now = seen !== null && version !== seen ? await swap(version) : version;
        seen = now;
        failures = 0;
        behind(Number(answer.headers.get("X-Behind")));
      } catch {
        failures += 1;
      }
      part.classList.toggle("is-lost", failures >= 3);
      const notice = part.querySelector("[data-live-lost]");
      if (notice) notice.hidden = failures < 3;
    }
    const pause = failures >= 3 ? PATIENT : EVERY;
    setTimeout(look, pause * (0.8 + Math.random() * 0.2));
  }

  // Reports that wait longer than that are not in the figures, however often we ask.
  function behind(seconds) {
    const notice = part.querySelector("[data-live-behind]");
    if (notice) notice.hidden = seconds < 10;
    part.dispatchEvent(new CustomEvent("live:checked", { detail: seconds }));
  }

  async function swap(version) {
    const token = part.dataset.liveVersion.split("/").slice(-2)[0];
    const headers = { "X-Part": "figures", "X-Live": token, "X-Version": version };
    const answer = await fetch(part.dataset.liveFrom || location.href, { headers });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const before = texts(part);
    const open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
    const goBack = standing(part);
    part.innerHTML = await answer.text();
    part.dispatchEvent(new Event("live:swapped", { bubbles: true }));
    open.forEach((id) => part.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", ""));
    goBack();
    texts(part).forEach((text, key) => {
      if (before.get(key) !== text) mark(part.querySelector(`[data-key="${CSS.escape(key)}"]`));
    });
    return answer.headers.get("X-Version") || version;
  }

  look();
}

function texts(part) {
  return new Map([...part.querySelectorAll("[data-key]")].map((e) => [e.dataset.key, e.textContent]));
}

function mark(element) {
  element.classList.add("is-changed");
  setTimeout(() => element.classList.remove("is-changed"), 2000);
}
