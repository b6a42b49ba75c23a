// Enhancement only: every page works without it.
"use strict";

// A choice in the filter takes effect at once; without this the button "Apply" does it.
for (const form of document.querySelectorAll("form[data-apply-on-change]")) {
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
}

// While a mail is awaited the inbox looks again by itself, for half a minute at most.
const waiting = document.querySelector("[data-waiting-url]");
if (waiting instanceof HTMLElement) {
  let left = 20;
  const look = async () => {
    left -= 1;
    if (left < 0 || document.hidden) return;
    const answer = await fetch(waiting.dataset.waitingUrl, { credentials: "same-origin" });
    if (answer.ok && (await answer.json()).n_mails > Number(waiting.dataset.nMails)) {
      location.assign(waiting.dataset.whenCome);
      return;
    }
    setTimeout(look, 1500);
  };
  setTimeout(look, 1000);
}
