// 长辈版 or 标准版, three sizes of text, and reading aloud where this phone has a Chinese voice of its
// own: one that speaks elsewhere would carry the text away.
const SIZES = ["standard", "large", "largest"];
const MODES = ["senior", "standard"];

export function comfort(part) {
  const kept = (name, offered) =>
    offered.includes(localStorage.getItem(name)) ? localStorage.getItem(name) : offered[0];
  const apply = () => {
    document.documentElement.dataset.mode = kept("mode", MODES);
    document.documentElement.dataset.text = kept("text", SIZES);
    part?.querySelectorAll("[data-size]").forEach((each) =>
      each.setAttribute("aria-pressed", each.dataset.size === kept("text", SIZES)));
  };
  // On the document: parts of a page are put in anew while it is open.
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("[data-size], [data-mode-switch]");
    if (!pressed) return;
    if (pressed.dataset.size) localStorage.setItem("text", pressed.dataset.size);
    else localStorage.setItem("mode", MODES.find((each) => each !== kept("mode", MODES)));
    apply();
  });
  apply();
  if (!part) return;
  part.hidden = false;
  aloud(part.querySelector("[data-aloud]"));
}

function aloud(button) {
  const speech = globalThis.speechSynthesis;
  if (!speech || !button) return;
  const own = () => speech.getVoices().find((v) => v.localService && v.lang.startsWith("zh"));
  const offer = () => { button.hidden = !own(); };
  speech.addEventListener?.("voiceschanged", offer);
  offer();
  button.addEventListener("click", () => {
    if (speech.speaking) return speech.cancel();
    const said = new SpeechSynthesisUtterance(document.getElementById("main").innerText);
    said.voice = own();
    said.rate = 0.9;
    speech.speak(said);
  });
}
