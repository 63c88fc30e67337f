// The self-test of a phone: each check says yes, no, or cannot be told. Nothing is sent anywhere.
const NEEDED = 50 * 1024 * 1024;
const PATIENCE = 4000;
const GLYPHS = { yes: ["✓", "is-nil", "1"], no: ["✕", "is-missing", "0"], unsure: ["?", "is-due", "2"] };

const CHECKS = {
  worker: () => "serviceWorker" in navigator,
  store: async () => {
    const base = await opened("diagnosis");
    base.close();
    indexedDB.deleteDatabase("diagnosis");
    return true;
  },
  lasting: async () => (navigator.storage?.persisted ? navigator.storage.persisted() : null),
  room: async () => {
    if (!navigator.storage?.estimate) return null;
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return quota - usage > NEEDED;
  },
  secret: async () => {
    if (!globalThis.crypto?.subtle) return false;
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new Uint8Array(8));
    return true;
  },
  photo: async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 4, height: 4 });
    canvas.getContext("2d").fillRect(0, 0, 4, 4);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.7));
    (await createImageBitmap(blob, { imageOrientation: "from-image" })).close();
    return typeof DataTransfer === "function";
  },
  // The filing page kept by the service worker, or by the browser's own store of pages.
  offline: async () => {
    if (globalThis.caches && (await caches.match("/f/"))) return true;
    return (await fetch("/f/", { cache: "only-if-cached", mode: "same-origin" })).ok;
  },
};

const list = document.querySelector("[data-diagnosis]");
Promise.all([...list.querySelectorAll("[data-check]")].map(told)).then((digits) => {
  document.querySelector("[data-digits]").textContent = digits.join(" ");
  document.querySelector("[data-told]").hidden = false;
});

async function told(row) {
  const late = new Promise((done) => setTimeout(done, PATIENCE, null));
  const check = (async () => CHECKS[row.dataset.check]())();
  const found = await Promise.race([check, late]).catch(() => false);
  const answer = found === null ? "unsure" : found ? "yes" : "no";
  const [glyph, name, digit] = GLYPHS[answer];
  const state = row.querySelector(".state");
  state.dataset.glyph = glyph;
  state.classList.add(name);
  state.textContent = list.dataset[answer];
  row.querySelector(".quiet").hidden = answer === "yes";
  return digit;
}

function opened(name) {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(name, 1);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

document.querySelector("[data-trial]").addEventListener("change", (event) => {
  document.querySelector("[data-shot]").hidden = !event.target.files.length;
});
