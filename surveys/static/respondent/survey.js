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
