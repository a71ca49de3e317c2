// The first look at a page: shows the page when all that is on the first screen is there, so that nothing jumps while it loads, and
// reads the chart library while the page waits for its server.

const PATIENCE = 10_000; // milliseconds after its title is there in which a page is shown as far as it is there
const LONGEST = 60_000; // milliseconds after which it is shown whatever is there
const UNFINISHED = '[data-testid="stSkeleton"], .stSkeleton, .lmc-room';

const root = document.documentElement;
const address = (name) => document.querySelector(`link[data-lmc="${name}"]`).href;
const whenIdle = window.requestIdleCallback ?? ((then) => setTimeout(then, 100));

function isOnScreen(element) {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && box.top < window.innerHeight;
}

function isComplete(app) {
  return app.dataset.testScriptState === "notRunning" && ![...app.querySelectorAll(UNFINISHED)].some(isOnScreen);
}

let asked = false;
let titled = null;

function look() {
  const app = document.querySelector(".stApp");
  const now = performance.now();
  if (app?.querySelector("h1, .stAlert")) titled ??= now;
  if (app && !asked) {
    asked = true;
    whenIdle(async () => (await import(address("charts"))).loadPlotly(address("library")));
  }
  if (now > LONGEST || (titled !== null && (now > titled + PATIENCE || isComplete(app)))) root.dataset.there = "";
  else requestAnimationFrame(look);
}

root.dataset.waits = "";
requestAnimationFrame(look);
