// Keys of the pad write into the field at once; without scripts each one is sent to the server.
document.querySelectorAll("[data-pad]").forEach((pad) => {
  const typed = pad.querySelector("[name=pin]");
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("[name=press]");
    if (!key) return;
    event.preventDefault();
    const wider = typed.value + key.value;
    typed.value = key.value === "back" ? typed.value.slice(0, -1) : wider.slice(0, typed.maxLength);
  });
});
