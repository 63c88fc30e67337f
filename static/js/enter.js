// The code of a scanned card is in the part of the address that browsers do not send. It is put into
// the form and taken out of the address; without scripts it is typed from the card.
const field = document.querySelector("[data-from-fragment]");
const code = location.hash.replace(/\D/g, "");

if (field && code.length === 16) {
  field.value = code.replace(/(\d{4})(?=\d)/g, "$1 ");
  document.querySelector("[data-scanned]").hidden = false;
  history.replaceState(null, "", location.pathname);
}
