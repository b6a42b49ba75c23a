// Enhancement only: every figure, meaning and table is there without it.
"use strict";

// What a figure means opens on hover, too, beside the figure; by tap and keyboard the browser
// opens it itself.
const place = (box, beside) => {
  const at = beside.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const left = Math.min(at.left, document.documentElement.clientWidth - width - 12);
  const below = at.bottom + 8;
  const top = below + height < window.innerHeight ? below : Math.max(8, at.top - height - 8);
  box.style.left = `${Math.max(8, left) + window.scrollX}px`;
  box.style.top = `${top + window.scrollY}px`;
};

let opening = 0;
let closing = 0;
let hovered = null;
for (const term of document.querySelectorAll("button.term")) {
  const box = document.getElementById(term.getAttribute("popovertarget"));
  if (!box || !box.showPopover) continue;
  box.classList.add("beside");
  box.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && hovered === box) hovered = null;
  });
  term.addEventListener("click", () => {
    hovered = null;
    requestAnimationFrame(() => place(box, term));
  });
  term.addEventListener("pointerenter", (event) => {
    if (event.pointerType !== "mouse") return;
    clearTimeout(closing);
    clearTimeout(opening);
    opening = setTimeout(() => {
      if (box.matches(":popover-open")) return;
      box.showPopover();
      place(box, term);
      hovered = box;
    }, 350);
  });
  const leave = () => {
    clearTimeout(opening);
    if (hovered === box) closing = setTimeout(() => box.matches(":popover-open") && box.hidePopover(), 250);
  };
  term.addEventListener("pointerleave", leave);
  box.addEventListener("pointerleave", leave);
  box.addEventListener("pointerenter", () => clearTimeout(closing));
}

// The words of a mark, at once and also when it is reached by keyboard, where the browser would
// show a title only after a while and only to a mouse.
const detail = document.createElement("div");
detail.className = "detail-box";
detail.hidden = true;
detail.setAttribute("aria-hidden", "true"); // the mark's own title says the same
document.body.append(detail);
const say = (mark) => {
  const words = mark.querySelector(":scope > title")?.textContent;
  if (!words) return;
  detail.textContent = words;
  detail.hidden = false;
  place(detail, mark);
};
for (const picture of document.querySelectorAll(".picture svg")) {
  const markOf = (target) => (target instanceof Element ? target.closest("g:has(> title)") : null);
  picture.addEventListener("pointerover", (event) => {
    const mark = markOf(event.target);
    if (mark) say(mark);
    else detail.hidden = true;
  });
  picture.addEventListener("pointerleave", () => { detail.hidden = true; });
  picture.addEventListener("focusin", (event) => {
    const mark = markOf(event.target);
    if (mark) say(mark);
  });
  picture.addEventListener("focusout", () => { detail.hidden = true; });
}
document.addEventListener("keydown", (event) => { if (event.key === "Escape") detail.hidden = true; });
