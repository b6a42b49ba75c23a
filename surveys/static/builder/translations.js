// Says that something is not saved yet; everything works without.
"use strict";
document.querySelectorAll("[data-unsaved]").forEach((note) => {
  const form = note.closest("form");
  const fields = [...form.querySelectorAll("textarea")];
  const changed = () => fields.some((field) => field.value !== field.defaultValue);
  let sent = false;
  form.addEventListener("input", () => { note.hidden = !changed(); });
  form.addEventListener("submit", () => { sent = true; });
  addEventListener("beforeunload", (event) => { if (changed() && !sent) event.preventDefault(); });
});
