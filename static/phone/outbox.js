// What was filled in and is not delivered yet, in IndexedDB. Text is kept encrypted with a key that
// cannot be taken out; after delivery only a stub without content stays, for thirty days.
const DAYS = 30 * 24 * 3600 * 1000;
let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("tonggou", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("items", { keyPath: "id" });
      asked.result.createObjectStore("kept");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function run(store, mode, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    // Strict: on disk before anybody is told that it is kept.
    const transaction = db.transaction(store, mode, { durability: "strict" });
    const asked = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

const recall = (name) => run("kept", "readonly", (store) => store.get(name));
const keep = (name, value) => run("kept", "readwrite", (store) => store.put(value, name));

async function key() {
  const known = await recall("key");
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt", "decrypt"]);
  await keep("key", made);
  return made;
}

// Without a secure context (plain http, not localhost) there is no cryptography to be had.
const canLock = () => Boolean(globalThis.crypto?.subtle);

async function locked(bytes) {
  if (!canLock()) return { plain: bytes };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), bytes) };
}

async function unlocked({ plain, iv, data }) {
  return plain ?? crypto.subtle.decrypt({ name: "AES-GCM", iv }, await key(), data);
}

const sealed = (value) => locked(new TextEncoder().encode(JSON.stringify(value)));
const unsealed = async (kept) => JSON.parse(new TextDecoder().decode(await unlocked(kept)));

export const contentOf = (item) => (item.content ? unsealed(item.content) : null);

// Sealed as well: it brings back what was written in the week's report.
export const keepPack = async (pack) => keep("pack", await sealed(pack));
export async function recallPack() {
  const kept = await recall("pack");
  return kept?.data || kept?.plain ? unsealed(kept) : null;
}

export const photoOf = (item) => (item.photo ? unlocked(item.photo) : null);

// An item of its own behind the text, which is safe by then: making a photo small takes a second.
export async function addPhoto({ id, uid, where }, blob) {
  const item = { id: newId(), of: id, uid, what: "photo", where, state: "queued", tries: 0, nextAt: 0, at: Date.now() };
  return change(item, { photo: await locked(await blob.arrayBuffer()) });
}

// {uid, what, where, content}: content is one body of the API, or a list of them.
export async function add({ id, uid, what, where, content }) {
  const item = { id, uid, what, where, state: "queued", tries: 0, nextAt: 0, at: Date.now() };
  return change(item, { content: await sealed(content) });
}

export async function change(item, more) {
  const changed = { ...item, ...more };
  if (changed.state === "sent") {
    changed.sentAt ??= Date.now();
    delete changed.content;
    delete changed.photo;
  }
  await run("items", "readwrite", (store) => store.put(changed));
  return changed;
}

export async function all() {
  const items = await run("items", "readonly", (store) => store.getAll());
  const old = items.filter((item) => item.state === "sent" && Date.now() - item.at > DAYS);
  for (const item of old) await run("items", "readwrite", (store) => store.delete(item.id));
  return items.filter((item) => !old.includes(item)).sort((a, b) => a.at - b.at);
}

export const forget = (id) => run("items", "readwrite", (store) => store.delete(id));

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
