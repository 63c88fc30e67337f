// Where the focus is in a part of the page that is about to be drawn anew, and back there after it:
// on what has the same id, else on the same one of those that lead to the same place.
export function standing(part) {
  const here = document.activeElement;
  if (!part.contains(here) || here === part) return () => {};
  const which = alike(part, here.localName, nameOf(here)).indexOf(here);
  const [tag, name] = [here.localName, nameOf(here)];
  return () => {
    const all = alike(part, tag, name);
    (all[which] || all[0])?.focus({ preventScroll: true });
  };
}

function alike(part, tag, name) {
  return [...part.querySelectorAll(tag)].filter((each) => nameOf(each) === name);
}

function nameOf(element) {
  return element.id || element.getAttribute("href") || element.textContent.trim();
}
