// Three sizes of text, and reading aloud where this phone has a Chinese voice of its own: one that
// speaks elsewhere would carry the text away.
const SIZES = ["standard", "senior", "large"];

export function comfort(part) {
  if (!part) return;
  part.hidden = false;
  const buttons = SIZES.map((size) => part.querySelector(`[data-size="${size}"]`));
  const apply = (size) => {
    document.documentElement.dataset.text = size;
    buttons.forEach((each) => each.setAttribute("aria-pressed", each.dataset.size === size));
  };
  buttons.forEach((each) => each.addEventListener("click", () => {
    localStorage.setItem("text", each.dataset.size);
    apply(each.dataset.size);
  }));
  apply(SIZES.includes(localStorage.getItem("text")) ? localStorage.getItem("text") : "senior");
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
