// Saves each text when its field is left; without this the button below the table saves them all.
"use strict";
document.querySelectorAll("[data-unsaved]").forEach((note) => {
  const form = note.closest("form");
  const fields = [...form.querySelectorAll("textarea")];
  const open = () => fields.filter((field) => field.value !== field.defaultValue);
  const say = (words) => { note.textContent = words; note.hidden = !words; };
  const fault = (field, words) => {
    const cell = field.closest("td");
    const id = "fault-" + field.name.slice(5);
    let line = document.getElementById(id);
    if (!line && words) {
      line = document.createElement("p");
      line.id = id;
      line.className = "fault";
      field.after(line);
    }
    if (line) line.textContent = words;
    cell.querySelector("textarea").toggleAttribute("aria-invalid", Boolean(words));
    if (words) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", id);
    }
  };

  const save = async (field) => {
    const was = field.previousElementSibling;
    const sent = field.value;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.set(field.name, sent);
    body.set(was.name, was.value);
    say("Saving…");
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
      if (answer.status !== 200 && answer.status !== 409) throw new Error(answer.status);
      const { faults, theirs } = await answer.json();
      const name = field.name.slice(5);
      fault(field, faults[name] || "");
      if (name in theirs) was.value = theirs[name];
      if (!faults[name]) {
        was.value = sent;
        field.defaultValue = sent;
        field.closest("tr").querySelectorAll("th .tag, [name=fits]").forEach((part) => part.remove());
      }
      say(open().length ? "There are changes that are not saved yet." : "Saved.");
    } catch {
      say("There are changes that could not be saved. Please save once more.");
    }
  };

  // One after the other: what is saved next must know what was saved before.
  let line = Promise.resolve();
  let leaving = false;
  form.addEventListener("input", () => say(open().length ? "There are changes that are not saved yet." : ""));
  form.addEventListener("change", (event) => { if (!leaving && open().includes(event.target)) line = line.then(() => save(event.target)); });
  form.addEventListener("submit", () => { leaving = true; });
  addEventListener("beforeunload", (event) => { if (open().length && !leaving) event.preventDefault(); });
});
