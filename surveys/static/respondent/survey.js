/* Only an enhancement: without it everything works the same.
   A number key ticks that option of the question in focus, or else of the first one not answered,
   and moves on to the next question. Nothing is ever sent by a key other than the browser's own. */
(function () {
  "use strict";
  var questions = Array.prototype.slice.call(document.querySelectorAll("fieldset.question"));

  function answered(question) {
    return question.querySelector("input:checked") !== null;
  }

  function current() {
    var focused = document.activeElement.closest("fieldset.question");
    return focused || questions.filter(function (q) { return !answered(q); })[0];
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("textarea, select, input:not([type=radio]):not([type=checkbox])")) return;
    if (!/^[0-9]$/.test(event.key)) return;
    var question = current();
    var option = question && question.querySelector('input[value="' + event.key + '"]:not([type=hidden])');
    if (!option) return;
    event.preventDefault();
    option.checked = option.type === "radio" || !option.checked;
    var next = option.type === "radio" ? questions[questions.indexOf(question) + 1] : question;
    var calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    var goal = next ? next.querySelector("input:checked") || next.querySelector("input:not([type=hidden])") : option;
    if (option.type === "checkbox") goal = option;
    goal.focus({ preventScroll: true });
    goal.closest("fieldset").scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  });
})();

/* Without a connection the browser would leave the page, and what was typed with it. So a press first
   asks whether anybody is there; if not, everything stays, and what was pressed is sent when the
   connection is back, unless it was touched meanwhile. */
(function () {
  "use strict";
  var form = document.querySelector("main form[method=post]");
  var notice = document.getElementById("unsent");
  var sheet = document.querySelector("link[rel=stylesheet]");
  if (!form || !notice || !sheet || !window.fetch || !form.requestSubmit) return;
  var LONGEST = 15000;
  var pressed = null, asking = false, connected = false;

  function reach() {
    if (navigator.onLine === false) return Promise.reject(new Error("offline"));
    var stop = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, LONGEST);
    return fetch(sheet.href, { method: "HEAD", cache: "no-store", signal: stop.signal })
      .finally(function () { clearTimeout(timer); });
  }

  function send() {
    asking = true;
    form.setAttribute("aria-busy", "true");
    reach().then(function () { connected = true; }, function () { notice.hidden = false; })
      .then(function () {
        asking = false;
        form.removeAttribute("aria-busy");
        if (!connected) return;
        notice.hidden = true;
        form.requestSubmit(pressed.button);
        connected = false;
      });
  }

  form.addEventListener("submit", function (event) {
    if (connected) return;
    event.preventDefault();
    if (asking) return;
    pressed = { button: event.submitter };
    send();
  });
  form.addEventListener("input", function () { if (!asking) pressed = null; });
  window.addEventListener("online", function () { if (pressed && !asking) send(); });
})();
