// The builder: saving while typing, undo by keyboard, reordering, the preview. Every one of these
// also works as a plain form without this file.
"use strict";

{ // names of its own

const panes = document.getElementById("panes");
const form = () => document.getElementById("item-form");
const say = (words) => { document.getElementById("live").textContent = words; };
const saved = { edits: 0, sent: 0, failed: false };
const isDirty = () => saved.edits > saved.sent || saved.failed;

// What is not stored yet is said, tried again, and not left without asking.
function state(words, isSaved) {
  const shown = document.getElementById("save-state");
  if (!shown) return;
  shown.textContent = words;
  shown.dataset.saved = isSaved ? "yes" : "no";
}
document.addEventListener("input", (event) => {
  if (!(event.target instanceof Element) || !event.target.matches("#item-form [name^='t:'], #item-form [name^='f:']")) return;
  saved.edits += 1;
  state("Saving…", false);
});
addEventListener("beforeunload", (event) => { if (isDirty()) event.preventDefault(); });

const snapshot = () => new Map([...form().querySelectorAll("[name^='t:']")].map((field) => [field.name, field.value]));
let atRequest = new Map();
let typedSince = new Map();
let caret = null;
let inFlight = 0;
let focusAtRequest = "";
let focusAtPress = null; // of a press that had to wait

// For htmx a form's button that has the focus is pressed: what is stored while somebody goes by it
// with Tab would do what it says, and what is pressed and waits in line would do what has the focus
// by then. Pressed is what sent the form.
document.body.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters, triggeringEvent } = event.detail;
  if (!elt.matches("form")) return;
  for (const button of elt.querySelectorAll("button[name]")) delete parameters[button.name];
  const pressed = triggeringEvent?.submitter;
  if (pressed?.name) parameters[pressed.name] = pressed.value;
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (elt.id === "item-form") { saved.inFlight = saved.edits; atRequest = snapshot(); }
  if (elt.matches("form")) { inFlight += 1; focusAtRequest = focusAtPress ?? document.activeElement?.id; }
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  // The form that asked may have been replaced by the answer.
  if (event.detail.requestConfig?.elt.matches("form")) inFlight = Math.max(0, inFlight - 1);
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  // A session that has ended answers with the sign-in page: it must not take the editor's place.
  if (new URL(event.detail.xhr.responseURL || location.href).pathname.startsWith("/login")) {
    event.detail.shouldSwap = false;
    failed("You are signed out. Sign in in another window; then go on typing here.");
    return;
  }
  if (event.detail.target?.id !== "editor" && event.detail.target?.id !== "answered") return;
  const asking = event.detail.requestConfig?.elt;
  if (asking?.matches?.(".row-link") && isDirty()) {
    // Typed while another question was on its way: store that first, then open it.
    event.detail.shouldSwap = false;
    afterStoring(() => document.getElementById(asking.id)?.click());
    return;
  }
  typedSince = new Map();
  const { id, selectionStart, selectionEnd } = document.activeElement ?? {};
  caret = Number.isInteger(selectionStart) ? { id, range: [selectionStart, selectionEnd] } : null;
  if (atRequest.size && form()) {
    for (const [name, value] of snapshot()) {
      if (atRequest.has(name) && atRequest.get(name) !== value) typedSince.set(name, value);
    }
  }
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "editor" || !form()) return;
  for (const [name, value] of typedSince) {
    const field = form().querySelector(`[name="${CSS.escape(name)}"]`);
    if (field && field.value !== value) field.value = value;
  }
  // htmx gives the focus back, and of what was selected only what does not begin with the first letter.
  if (caret?.id && document.activeElement?.id === caret.id) document.activeElement.setSelectionRange(...caret.range);
  typedSince = new Map();
});
// Only a form that has settled hears that something was typed in it.
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "editor" || !form()) return;
  for (const field of form().querySelectorAll("[name^='t:']")) {
    if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

function failed(words) {
  saved.failed = true;
  state(words, false);
  say(words);
}
let again = 0;
function tryAgain(event) {
  const asking = event.detail.requestConfig?.elt ?? event.detail.elt;
  if (asking?.id === "others") return;
  failed("Not saved: the server does not answer. Trying again…");
  clearTimeout(again);
  if (asking?.id === "item-form") again = setTimeout(() => htmx.trigger(form(), "retry"), 3000);
}
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.body.addEventListener(name, tryAgain);

document.body.addEventListener("builder:stored", (event) => {
  saved.failed = !event.detail.saved;
  if (event.detail.saved) saved.sent = saved.inFlight ?? saved.edits;
});
document.body.addEventListener("builder:answered", (event) => {
  const { saved: isSaved, focus, block } = event.detail;
  // Who has gone elsewhere meanwhile is not called back.
  const now = document.activeElement;
  const hasStayed = now === document.body || (now?.id && now.id === focusAtRequest);
  for (const id of hasStayed ? focus : []) {
    const wanted = document.getElementById(id);
    if (wanted && wanted.getAttribute("aria-disabled") !== "true") { wanted.focus(); break; }
  }
  if (focus.length) showPane("editor");
  clocks();
  showPreview(block);
  // htmx calls a request ended only after its answer has settled: in this task still, but later.
  queueMicrotask(() => goOn(isSaved));
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  clocks();
  const elt = event.detail.requestConfig?.elt;
  if (event.detail.target?.id === "editor" && elt?.matches?.(".row-link")) {
    saved.sent = saved.edits;
    showPane("editor");
    showPreview(document.getElementById("editor").dataset.block);
  }
  // The answer says "Saved" of what it was sent; more has been typed since.
  if (saved.edits > saved.sent && !saved.failed) state("Saving…", false);
});
function clocks() {
  for (const time of document.querySelectorAll("time[data-clock]")) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
  for (const time of document.querySelectorAll("time[data-moment]")) {
    time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  }
}

// What is pressed while something typed is still being stored waits for that: the answer renews
// the outline, and with it the very button that was pressed; and of what waits for an answer the
// editor's form sends the last alone, so that what is typed next would take the place of the press.
let waiting = null;
function goOn(isSaved) {
  const run = waiting;
  waiting = null;
  if (run && isSaved) run(); else next();
}
function afterStoring(run) {
  if (saved.failed) {
    say("Not done: what you typed is not saved yet.");
    state("Not saved yet: look at the editor first", false);
    return;
  }
  waiting = run;
  if (!inFlight) htmx.trigger(form(), "retry");
}
document.addEventListener("click", (event) => {
  // Buttons that have nothing to do keep the focus and do nothing.
  const idle = event.target.closest?.("button[aria-disabled='true']");
  if (idle) { event.preventDefault(); event.stopPropagation(); return; }
  const pressed = event.target.closest?.(".row-link, #outline-form button[name], #item-form button[name=do]:not(.conflict *), #history button, #toast button");
  if (!pressed || event.ctrlKey || event.metaKey || !(isDirty() || inFlight)) return;
  event.preventDefault();
  event.stopPropagation();
  const { id, value } = pressed;
  const focus = document.activeElement?.id;
  afterStoring(() => {
    const anew = id ? document.getElementById(id) : document.querySelector(`:is(#outline-form, #item-form, #toast) button[value="${CSS.escape(value)}"]`);
    focusAtPress = focus;
    anew?.click();
    focusAtPress = null;
  });
}, true);

document.addEventListener("click", (event) => {
  event.target.closest?.(".kind")?.closest("details").removeAttribute("open");
});

// The outline is renewed with every answer; what stood open in it stays open.
let opened = [];
document.body.addEventListener("htmx:beforeSwap", () => {
  opened = [...document.querySelectorAll("#outline details[open] > summary")].map((summary) => summary.id);
});
document.body.addEventListener("htmx:afterSettle", () => {
  for (const id of opened) document.getElementById(id)?.parentElement.setAttribute("open", "");
  opened = [];
  for (const about of document.querySelectorAll("#item-form .about")) {
    const field = document.getElementById(about.id.replace("about-", ""));
    if (about.querySelector(".fault, .finding.error") || document.getElementById(about.id.replace("about-", "conflict-"))) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }
});

function press(operation) {
  if (isDirty() || inFlight) { afterStoring(() => press(operation)); return; }
  const outline = document.getElementById("outline-form");
  const button = document.createElement("button");
  button.type = "submit"; button.name = "do"; button.value = operation; button.hidden = true;
  outline.append(button);
  button.click();
}

// Reordering by keyboard: each press waits for the answer of the one before.
const presses = [];
function next() {
  if (!presses.length || inFlight) return;
  const { id, way } = presses.shift();
  const operation = document.getElementById(id)?.dataset[way];
  if (operation) press(operation); else next();
}
document.addEventListener("keydown", (event) => {
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    const from = event.target.closest?.("[data-up]");
    if (!from) return;
    event.preventDefault();
    const way = event.key === "ArrowUp" ? "up" : "down";
    if (!from.dataset[way] && !inFlight) { say(way === "up" ? "It is the first already" : "It is the last already"); return; }
    presses.push({ id: from.id, way });
    next();
    return;
  }
  const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
  const isRedo = (event.ctrlKey || event.metaKey) && (event.key.toLowerCase() === "y" || (isUndo && event.shiftKey));
  if (!isUndo && !isRedo) return;
  // In a field the browser's own undo takes back what was typed there.
  if (event.target.matches?.("input:not([type=checkbox]), textarea, select")) return;
  const button = document.getElementById(isRedo ? "redo" : "undo");
  if (button) { event.preventDefault(); button.click(); }
});

// Reordering by pointer.
let drag = null;
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.(".grip");
  if (!grip || event.button) return;
  event.preventDefault();
  grip.focus();
  grip.setPointerCapture(event.pointerId);
  drag = { grip, row: grip.closest("[data-item]"), y: event.clientY, moved: false, list: null, before: null };
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (!drag.moved && Math.abs(event.clientY - drag.y) < 4) return;
  drag.moved = true;
  drag.row.classList.add("dragged");
  aim(event.clientY);
});
function clearAim() {
  for (const row of document.querySelectorAll(".drop-before, .drop-end")) row.classList.remove("drop-before", "drop-end");
}
function aim(y) {
  clearAim();
  let best = null;
  for (const list of document.querySelectorAll("#outline .items")) {
    const box = list.closest(".outline-block").getBoundingClientRect();
    const away = y < box.top ? box.top - y : y > box.bottom ? y - box.bottom : 0;
    if (!best || away < best.away) best = { list, away };
  }
  if (!best) return;
  const rows = [...best.list.querySelectorAll("[data-item]")].filter((row) => row !== drag.row);
  const below = rows.find((row) => { const box = row.getBoundingClientRect(); return y < box.top + box.height / 2; });
  drag.list = best.list;
  drag.before = rows[(below ? rows.indexOf(below) : rows.length) - 1]?.dataset.item ?? null;
  if (below) below.classList.add("drop-before"); else best.list.classList.add("drop-end");
}
function drop(event) {
  if (!drag) return;
  const { row, moved, list, before } = drag;
  drag = null;
  clearAim();
  row.classList.remove("dragged");
  if (!moved || !list || event.type === "pointercancel") return;
  const seen = row.closest(".items").dataset.order.split(" ").filter(Boolean);
  const block = list.closest(".outline-block").dataset.block;
  const index = seen.indexOf(row.dataset.item);
  if (block === row.closest(".outline-block").dataset.block && (seen[index - 1] ?? null) === before) return;
  press(JSON.stringify({ op: "move_item", item: row.dataset.item, block, after: before, was: seen }));
}
document.addEventListener("pointerup", drop);
document.addEventListener("pointercancel", drop);

// On a small screen one pane at a time.
function showPane(name) {
  panes.dataset.pane = name;
  for (const tab of panes.querySelectorAll(".pane-tabs a")) {
    if (tab.dataset.pane === name) tab.setAttribute("aria-current", "true"); else tab.removeAttribute("aria-current");
  }
  if (name === "preview") fit();
}
panes.classList.add("tabbed");
panes.querySelector(".pane-tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("a");
  if (!tab) return;
  event.preventDefault();
  showPane(tab.dataset.pane);
});
showPane(panes.dataset.pane);

// The preview: loaded again when something was changed, where it was before.
const device = document.getElementById("device");
const frame = document.getElementById("preview-frame");
const choices = document.getElementById("preview-form");
const WIDTHS = { phone: 390, tablet: 768, wide: 1280 };
let shownPlace = document.getElementById("editor")?.dataset.place;
let scroll = null; // null: to the question that the editor shows
let isOurs = true; // not a step within the preview itself
let shows = 0;
function settle() {
  if (!isOurs || !frame.contentWindow) return;
  isOurs = false;
  const field = frame.contentDocument?.getElementsByName(shownPlace)[0];
  if (scroll !== null) frame.contentWindow.scrollTo(0, scroll);
  else if (field) frame.contentWindow.scrollTo(0, (field.closest(".question") ?? field).getBoundingClientRect().top - 12);
  else frame.contentWindow.scrollTo(0, 0);
}
frame.addEventListener("load", settle);
if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.URL !== "about:blank") settle();
function showPreview(block) {
  const query = new URLSearchParams(new FormData(choices));
  query.delete("at"); query.delete("lang");
  if (block) query.set("block", block);
  const place = document.getElementById("editor")?.dataset.place;
  if (place === "thanks") query.set("page", "99"); // the page after the last
  if (place !== shownPlace) scroll = null;
  else if (!isOurs) scroll = frame.contentWindow?.scrollY ?? 0; // else still on its way there
  shownPlace = place;
  isOurs = true;
  // A browser that is still loading an address leaves out loading the same once more, and would go
  // on to show what was stored before.
  shows += 1;
  query.set("shown", shows);
  frame.contentWindow.location.replace(`${frame.dataset.url}?${query}`);
}
function fit() {
  const width = WIDTHS[device.dataset.device] ?? WIDTHS.phone;
  const scale = Math.min(1, device.clientWidth / width);
  frame.style.width = `${width}px`;
  frame.style.height = `${device.clientHeight / scale}px`;
  frame.style.transform = `scale(${scale})`;
}
let wait = 0;
choices.addEventListener("change", () => {
  const chosen = new FormData(choices);
  device.dataset.device = chosen.get("device");
  device.dataset.theme = chosen.get("theme");
  fit();
  clearTimeout(wait);
  wait = setTimeout(() => showPreview(document.getElementById("editor").dataset.block), 50);
});
document.addEventListener("change", (event) => {
  if (event.target.id === "writing-language") event.target.form.requestSubmit();
});
choices.addEventListener("submit", (event) => event.preventDefault());
new ResizeObserver(fit).observe(device);
clocks();

}
