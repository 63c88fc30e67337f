// Shows a designed field as it is typed, by the same POST as the button 「预览」.
const PAUSE = 500;

document.querySelectorAll("[data-preview]").forEach((form) => {
  const shown = document.querySelector(form.dataset.preview);
  let waiting = null;
  let asked = 0;

  async function show() {
    const number = ++asked;
    const body = new FormData(form);
    body.set("preview", "yes");
    try {
      const headers = { "X-Part": "preview" };
      const answer = await fetch(location.href, { method: "POST", body, headers });
      if (!answer.ok || answer.redirected || number !== asked) return;
      shown.innerHTML = await answer.text();
    } catch {
      // The button works without this.
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  });
});
