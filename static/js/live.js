// Keeps the figures of an open page about a second old, and says so when the connection is lost.
// It asks its own address whether what it shows (`X-Shown`) is still so, and gets the fragment with
// the answer when it is not. Pages whose version somebody else tells ask for that, then fetch.
import { standing } from "./standing.js";

const EVERY = 1000;
const PATIENT = 5000;
const OWN = /^\/live\/([^/]+)\/$/;

document.querySelectorAll("[data-live-version]").forEach(watch);

function watch(part) {
  const from = part.dataset.liveFrom || location.href;
  const token = OWN.exec(part.dataset.liveVersion)?.[1];
  // A page that says what it shows misses nothing that ends before its first question.
  let seen = part.dataset.liveSeen ?? null;
  let failures = 0;

  async function look() {
    if (!document.hidden) {
      try {
        await (token ? askFor(token) : compare());
        failures = 0;
      } catch {
        failures += 1;
      }
      part.classList.toggle("is-lost", failures >= 3);
      const notice = part.querySelector("[data-live-lost]");
      if (notice) notice.hidden = failures < 3;
    }
    const pause = failures >= 3 ? PATIENT : EVERY;
    setTimeout(look, pause * (0.9 + Math.random() * 0.2));
  }

  async function askFor(token) {
    const headers = { "X-Part": "figures", "X-Live": token, "X-Shown": seen ?? "" };
    const answer = await ask(from, { headers });
    if (answer.status === 200) swap(await answer.text());
    seen = answer.headers.get("X-Version");
    behind(Number(answer.headers.get("X-Behind")));
  }

  async function compare() {
    const version = await (await ask(part.dataset.liveVersion, { credentials: "omit" })).text();
    if (seen !== null && version !== seen) {
      swap(await (await ask(from, { headers: { "X-Part": "figures" } })).text());
    }
    seen = version;
    behind(0);
  }

  // Reports that wait longer than that are not in the figures, however often we ask.
  function behind(seconds) {
    const notice = part.querySelector("[data-live-behind]");
    if (notice) notice.hidden = seconds < 10;
    part.dispatchEvent(new CustomEvent("live:checked", { detail: seconds }));
  }

  function swap(html) {
    const before = texts(part);
    const open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
    const goBack = standing(part);
    part.innerHTML = html;
    part.dispatchEvent(new Event("live:swapped", { bubbles: true }));
    open.forEach((id) => part.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", ""));
    goBack();
    texts(part).forEach((text, key) => {
      if (before.get(key) !== text) mark(part.querySelector(`[data-key="${CSS.escape(key)}"]`));
    });
  }

  look();
}

// A page that was left for the login is no answer.
async function ask(url, options) {
  const answer = await fetch(url, { cache: "no-store", ...options });
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
  return answer;
}

function texts(part) {
  return new Map([...part.querySelectorAll("[data-key]")].map((e) => [e.dataset.key, e.textContent]));
}

function mark(element) {
  element.classList.add("is-changed");
  setTimeout(() => element.classList.remove("is-changed"), 2000);
}
