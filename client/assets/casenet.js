// What the pages do beyond links and forms. Everything works without it.
"use strict";

// A line that fails: say so, and leave what was typed where it is.
const notice = () => document.getElementById("offline");
for (const failed of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failed, () => notice()?.removeAttribute("hidden"));
}
document.addEventListener("htmx:afterOnLoad", () => notice()?.setAttribute("hidden", ""));

// After a form comes back, what is wrong is read out first; after a new page, its content.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.boosted) {
    (document.querySelector("[role=alert]") ?? document.getElementById("content"))?.focus();
  }
});

// g w, g c, g i, g o: my work, cases, received, sent.
const places = { w: "/work", c: "/cases", i: "/referrals/inbox", o: "/referrals/outbox" };
let went = 0;
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "g") went = event.timeStamp;
  else if (event.timeStamp - went < 1500 && places[event.key]) location.assign(places[event.key]);
});
