// A photo chosen in a form is made small before the form is sent. Without scripts the server does it.
import { showChosen } from "../phone/chosen.js";
import { shrink } from "../phone/photo.js";

document.querySelectorAll("input[data-photo]").forEach((field) => {
  showChosen(field);
  field.addEventListener("change", async () => {
    const chosen = field.files[0];
    if (!chosen) return;
    const small = await shrink(chosen);
    // Another one may have been chosen meanwhile.
    if (small === chosen || field.files[0] !== chosen) return;
    const files = new DataTransfer();
    files.items.add(new File([small], "photo.jpg", { type: "image/jpeg" }));
    field.files = files.files;
  });
});
