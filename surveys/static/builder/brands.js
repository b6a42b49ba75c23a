/* Shows a brand as it is being typed. Without this script the two buttons do the same. */
"use strict";

for (const form of document.querySelectorAll("form[data-brand]")) {
  const buttons = [...form.querySelectorAll("button[formtarget]")];
  let waiting = 0;

  const colourSwatches = () => {
    for (const swatch of form.querySelectorAll("[data-swatch]")) {
      const value = document.getElementById(swatch.dataset.swatch).value.trim();
      if (/^#[0-9a-f]{6}$/i.test(value)) swatch.setAttribute("fill", value);
    }
  };
  // A form that is sent twice at once is sent once: each frame gets its turn.
  const show = () => {
    buttons.forEach((button, turn) => window.setTimeout(() => form.requestSubmit(button), 150 * turn));
  };
  const soon = () => {
    colourSwatches();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(show, 500);
  };
  if (buttons.length) {
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
  }
}
