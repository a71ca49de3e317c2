// Tells a screen reader how a run goes: what stands in large letters, with its sentence once it has ended, and not more often than one
// can listen to. The region outlives the page's own parts, which are drawn anew with every update.

const PAUSE = 10_000; // milliseconds between two words on the progress of one run

const region = Object.assign(document.createElement("div"), { id: "lmc-announcer", className: "lmc-unseen" });
region.setAttribute("role", "status");
region.setAttribute("aria-live", "polite");
region.setAttribute("aria-atomic", "true");
document.body.append(region);

let page = null;
let known = null;
let told = 0;

function words(status) {
  const text = (part) => status.querySelector(part)?.textContent.trim() ?? "";
  const isGoing = status.querySelector('[role="progressbar"]') !== null;
  return { isGoing, headline: text(".headline"), text: `${text(".headline")}. ${text(".sentence")}` };
}

function listen() {
  const status = document.querySelector(".lmc-status");
  if (!status) return;
  const now = words(status);
  const isNewPage = page !== location.pathname;
  const isOver = known !== null && known.isGoing && !now.isGoing;
  const isDue = now.isGoing && now.headline !== known?.headline && Date.now() - told > PAUSE;
  const isOther = known !== null && !known.isGoing && now.text !== known.text;
  if (!isNewPage && (isOver || isDue || isOther)) {
    region.textContent = now.text;
    told = Date.now();
  }
  page = location.pathname;
  known = now;
}

new MutationObserver(listen).observe(document.getElementById("root"), { childList: true, subtree: true, characterData: true });
