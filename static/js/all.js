// 「全选」 over the boxes of one fieldset; without scripts it is not there.
document.querySelectorAll("[data-all]").forEach((group) => {
  const all = group.querySelector("[data-all-on]");
  if (!all) return;
  all.closest("label").hidden = false;
  const boxes = [...group.querySelectorAll("input[type=checkbox]:not([data-all-on])")];
  all.addEventListener("change", () => boxes.forEach((box) => (box.checked = all.checked)));
  group.addEventListener("change", () => (all.checked = boxes.every((box) => box.checked)));
});
