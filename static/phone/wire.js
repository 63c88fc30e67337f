// One request of ours, and its answer as JSON: a page of a portal or of a proxy throws.
const TIMEOUT = 15000;

export async function ask(method, url, csrf, body) {
  const isPhoto = body instanceof ArrayBuffer;
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), TIMEOUT);
  try {
    const answer = await fetch(url, {
      method,
      redirect: "error",
      cache: "no-store",
      credentials: "same-origin",
      signal: giveUp.signal,
      headers: csrf ? { "Content-Type": isPhoto ? "image/jpeg" : "application/json", "X-CSRFToken": csrf } : {},
      body: isPhoto ? body : body && JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  } finally {
    clearTimeout(timer);
  }
}

// `keptAt` by this phone's clock: what was delivered before it is in there.
export async function freshPack() {
  const keptAt = Date.now();
  const answer = await ask("GET", "/api/pack/");
  return answer.status === 200 ? { ...answer.body, keptAt } : null;
}
