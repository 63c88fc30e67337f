// Copying out: a table marked data-copy gets a button that copies it for a spreadsheet (tabs between
// cells), and a button with data-copy-text copies the words of the element it names, for a group chat.
const offer = (within) => within.querySelectorAll("table[data-copy]").forEach((table) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link no-print copies";
  button.textContent = table.dataset.copy;
  button.addEventListener("click", () => copy(button, cells(table)));
  (table.closest(".table-wrap") || table).before(button);
});
offer(document);
// A live page has swapped its figures, and the button with them.
document.addEventListener("live:swapped", (event) => offer(event.target));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-text]");
  if (!button) return;
  // What stands in a closed fold has no inner text.
  const told = document.querySelector(button.dataset.copyText);
  copy(button, (told.innerText || told.textContent).trim());
});

function cells(table) {
  const words = (cell) => plain(cell).replace(/\s+/g, " ").trim();
  const seen = [...table.rows].filter((row) => row.offsetParent !== null);
  return seen.map((row) => [...row.cells].filter((c) => !c.classList.contains("no-copy")).map(words).join("\t")).join("\n");
}

// Without what is done in a cell, which is not what it says.
function plain(cell) {
  if (!cell.querySelector(".no-copy")) return cell.innerText;
  const copy = cell.cloneNode(true);
  copy.querySelectorAll(".no-copy").forEach((each) => each.remove());
  return copy.textContent;
}

async function copy(button, text) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    byHand(text);
  }
  button.textContent = document.body.dataset.copied || before;
  setTimeout(() => (button.textContent = before), 2000);
}

// Where a page may not write to the clipboard (no TLS, an old browser).
function byHand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
