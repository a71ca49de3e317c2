// The first look at a page: draws the result that came with the page, if one did, and then starts Streamlit; shows Streamlit's page
// when all that is on the first screen is there, so that nothing jumps while it loads; and reads the chart library meanwhile.

const PATIENCE = 10_000; // milliseconds after its title is there in which a page is shown as far as it is there
const LONGEST = 60_000; // milliseconds after which it is shown whatever is there
const UNFINISHED = '[data-testid="stSkeleton"], .stSkeleton, .lmc-room';

const root = document.documentElement;
const part = (name) => document.querySelector(`[data-lmc="${name}"]`);
const address = (name) => part(name).href;
const whenIdle = window.requestIdleCallback ?? ((then) => setTimeout(then, 100));

function isOnScreen(element) {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && box.top < window.innerHeight;
}

function isComplete(app) {
  return app.dataset.testScriptState === "notRunning" && ![...app.querySelectorAll(UNFINISHED)].some(isOnScreen);
}

// Streamlit remembers by the address which theme was chosen in its menu.
function chosenTheme() {
  try {
    const name = JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`))?.name ?? "";
    return /dark/i.test(name) ? "dark" : /light/i.test(name) ? "light" : "";
  } catch {
    return "";
  }
}

// The charts that came with the page; they move into Streamlit's page when it shows the same ones.
async function drawPicture() {
  const theme = chosenTheme();
  if (theme) root.dataset.theme = theme;
  const charts = await import(address("charts"));
  let first;
  const isThere = new Promise((resolve) => (first = resolve));
  const data = new TextEncoder().encode(part("board").textContent);
  charts.show({ data, parentElement: part("picture"), drawn: first }, address("library")).then(first, first);
  await isThere;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))); // the browser shows it
}

async function start() {
  await drawPicture().catch(console.error);
  await import(address("streamlit"));
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
  if (now > LONGEST || (titled !== null && (now > titled + PATIENCE || isComplete(app)))) {
    root.dataset.there = "";
    document.getElementById("lmc-wait").replaceChildren();
  } else requestAnimationFrame(look);
}

root.dataset.waits = "";
if (part("board")) start();
requestAnimationFrame(look);
