// Draws charts with Plotly.react, so that zoom and hidden traces last while their data change.
//
// The page sends rows of charts as JSON bytes (lmc_core/ui/live_chart.py). Colours come as roles, "$role" or "$role/opacity", and are
// filled in here from the palette that suits the page's own background.

const STYLE = `
.lmc-board { display: flex; flex-direction: column; gap: 16px; container-type: inline-size; }
.lmc-board .row { display: grid; gap: 16px 28px; grid-template-columns: var(--shares); }
@container (max-width: 640px) { .lmc-board .row { grid-template-columns: minmax(0, 1fr); } }
.lmc-chart { display: flex; flex-direction: column; margin: 0; min-width: 0; color: var(--st-text-color);
  font-family: var(--st-font); }
.lmc-chart .head { display: flex; align-items: baseline; gap: 0.15rem 0.6rem; flex-wrap: wrap; }
.lmc-chart h3 { font-size: 1rem; font-weight: 600; margin: 0; padding: 0; letter-spacing: 0; line-height: 1.4; color: inherit; }
.lmc-chart .note { font-size: 0.82rem; opacity: 0.72; flex: 1 1 auto; font-variant-numeric: tabular-nums; }
.lmc-chart .tools { display: flex; gap: 0.25rem; margin-left: auto; }
.lmc-chart button { font: inherit; font-size: 0.78rem; line-height: 1.2; color: inherit; background: none; cursor: pointer;
  border: 1px solid transparent; border-radius: 0.4rem; padding: 0.15rem 0.4rem; }
.lmc-chart .tools button { border-color: var(--st-border-color); opacity: 0.75; }
.lmc-chart button:hover { opacity: 1; background: var(--st-secondary-background-color); }
.lmc-chart button:focus-visible, .lmc-chart .plot:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.lmc-chart .legend { display: flex; flex-wrap: wrap; gap: 0 0.35rem; margin: 0.1rem 0 0 -0.4rem; }
.lmc-chart .legend button { display: inline-flex; align-items: center; gap: 0.35rem; max-width: 100%; text-align: left; }
.lmc-chart .legend button[aria-pressed="false"] { opacity: 0.45; text-decoration: line-through; }
.lmc-chart .plot { flex: 1 1 auto; min-height: 0; min-width: 0; position: relative; border-radius: 0.4rem; }
.lmc-chart .plot > div { position: absolute; inset: 0; }
.lmc-chart .plot.wide { overflow-x: auto; overflow-y: hidden; mask-image: linear-gradient(90deg, #000 calc(100% - 2rem), #0006); }
.lmc-chart.opens .plot .nsewdrag { cursor: pointer; }
`;

const DASH = { solid: "", dot: "2 3", dash: "6 3", dashdot: "6 3 2 3", longdash: "9 3", longdashdot: "9 3 2 3" };

const SHAPE = {
  circle: "M-3.6 0A3.6 3.6 0 1 1 3.6 0A3.6 3.6 0 1 1 -3.6 0Z",
  square: "M-3.2 -3.2H3.2V3.2H-3.2Z",
  diamond: "M0 -4.4L4.4 0L0 4.4L-4.4 0Z",
  "triangle-up": "M0 -4.2L4 3H-4Z",
  "triangle-down": "M0 4.2L4 -3H-4Z",
  cross: "M-1.3 -4H1.3V-1.3H4V1.3H1.3V4H-1.3V1.3H-4V-1.3H-1.3Z",
  x: "M-3.8 -2L-2 -3.8L0 -1.8L2 -3.8L3.8 -2L1.8 0L3.8 2L2 3.8L0 1.8L-2 3.8L-3.8 2L-1.8 0Z",
  "circle-x": "M-3.6 0A3.6 3.6 0 1 1 3.6 0A3.6 3.6 0 1 1 -3.6 0ZM-2.5 -2.5L2.5 2.5M-2.5 2.5L2.5 -2.5",
  asterisk: "M-4 0H4M0 -4V4M-2.9 -2.9L2.9 2.9M-2.9 2.9L2.9 -2.9",
  star: "M0 -4.6L1.2 -1.4L4.4 -1.4L1.8 0.6L2.7 3.8L0 1.9L-2.7 3.8L-1.8 0.6L-4.4 -1.4L-1.2 -1.4Z",
};

// The first row of charts takes what a screen has left below the verdict; pictures made of many small charts keep their height.
const CAPPED = 480;
const CAP = "max(236px, 100vh - 525px)";

let plotly = null;

// Asks for the chart library once, however many want it.
export function loadPlotly(source) {
  plotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      plotly = null;
      reject(new Error("The chart library did not load; reload the page."));
    };
    document.head.appendChild(script);
  });
  return plotly;
}

function addStyle() {
  if (document.getElementById("lmc-chart-style")) return;
  const style = document.createElement("style");
  style.id = "lmc-chart-style";
  style.textContent = STYLE;
  document.head.appendChild(style);
}

function channels(colour) {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
}

export function resolve(token, colours) {
  const [role, number] = token.slice(1).split("/");
  if (role === "mix") {
    const [a, b] = [channels(colours.a), channels(colours.b)];
    return `rgb(${a.map((from, place) => Math.round(from + (b[place] - from) * Number(number))).join(",")})`;
  }
  return number === undefined ? colours[role] : `rgba(${channels(colours[role]).join(",")},${number})`;
}

function coloured(part, colours) {
  if (typeof part === "string") return part.startsWith("$") ? resolve(part, colours) : part;
  if (Array.isArray(part)) return part.map((item) => coloured(item, colours));
  if (part && typeof part === "object") {
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, coloured(value, colours)]));
  }
  return part;
}

function isDark(element) {
  const probe = document.createElement("span");
  probe.style.color = "var(--st-background-color)";
  element.appendChild(probe);
  const [red, green, blue] = (getComputedStyle(probe).color.match(/[\d.]+/g) || [255, 255, 255]).map(Number);
  probe.remove();
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function build(parent) {
  const title = element("h3", {});
  const note = element("span", { className: "note" });
  const reset = element("button", { type: "button", textContent: "Reset zoom", hidden: true });
  const save = element("button", { type: "button", textContent: "SVG", title: "Save this chart as an SVG file" });
  const legend = element("div", { className: "legend" });
  legend.setAttribute("role", "group");
  const canvas = element("div", {});
  const plot = element("div", { className: "plot", tabIndex: 0 }, canvas);
  plot.setAttribute("role", "img");
  const head = element("div", { className: "head" }, title, note, element("div", { className: "tools" }, reset, save));
  const figure = element("figure", { className: "lmc-chart" }, head, legend, plot);
  parent.appendChild(figure);
  const state = { parent, figure, title, note, reset, save, legend, plot, canvas, hidden: new Set(), zoom: {}, known: new Set() };
  reset.onclick = () => unzoom(state);
  save.onclick = () => saveSvg(state);
  plot.onkeydown = (event) => steer(state, event);
  state.resizer = new ResizeObserver(() => {
    if (state.drawn && plot.clientWidth) window.Plotly.Plots.resize(canvas);
  });
  state.resizer.observe(plot);
  return state;
}

function glyph(key, colours) {
  const colour = resolve(key.colour, colours);
  const shape = SHAPE[key.symbol.replace("-open", "")];
  const look = key.symbol.endsWith("-open") ? `fill="none" stroke="${colour}" stroke-width="1.4"` : `fill="${colour}"`;
  const mark = shape ? `<path d="${shape}" transform="translate(14 7)" ${look}/>` : "";
  const dashes = `stroke="${colour}" stroke-width="2" stroke-dasharray="${DASH[key.dash] || ""}"`;
  const line = key.dash === "none" ? "" : `<line x1="1" x2="27" y1="7" y2="7" ${dashes}/>`;
  return `<svg width="28" height="14" aria-hidden="true">${line}${mark}</svg>`;
}

function drawLegend(state) {
  const { chart, colours } = state;
  for (const key of chart.keys) {
    if (key.hidden && !state.known.has(key.group)) state.hidden.add(key.group);
    state.known.add(key.group);
  }
  state.legend.setAttribute("aria-label", `Show or hide in ${chart.title}`);
  while (state.legend.children.length > chart.keys.length) state.legend.lastChild.remove();
  chart.keys.forEach((key, place) => {
    const button = state.legend.children[place] || state.legend.appendChild(element("button", { type: "button" }));
    const face = glyph(key, colours);
    if (button.dataset.face !== face + key.label) {
      button.dataset.face = face + key.label;
      button.innerHTML = face;
      button.append(key.label);
    }
    button.dataset.group = key.group;
    button.setAttribute("aria-pressed", String(!state.hidden.has(key.group)));
    button.onclick = () => {
      if (!state.hidden.delete(key.group)) state.hidden.add(key.group);
      draw(state);
    };
  });
}

function traces(state, colours) {
  return state.chart.traces.map((trace) => ({
    ...coloured(trace, colours),
    visible: state.hidden.has(trace.legendgroup) ? "legendonly" : true,
  }));
}

function layout(state, colours) {
  const made = coloured(state.chart.layout, colours);
  made.font = { ...made.font, family: getComputedStyle(state.figure).fontFamily };
  if (matchMedia("(pointer: coarse)").matches) made.dragmode = false;
  for (const [axis, range] of Object.entries(state.zoom)) made[axis] = { ...made[axis], range, autorange: false };
  return made;
}

function draw(state) {
  const { chart, plot, canvas } = state;
  state.colours = chart.palette[isDark(state.figure) ? "dark" : "light"];
  state.title.textContent = chart.title;
  state.note.textContent = chart.note;
  plot.setAttribute("aria-label", chart.alt);
  plot.title = "";
  state.save.setAttribute("aria-label", `Save ${chart.title} as an SVG file`);
  state.save.hidden = chart.traces.length === 0;
  state.reset.hidden = Object.keys(state.zoom).length === 0;
  drawLegend(state);
  window.Plotly.react(canvas, traces(state, state.colours), layout(state, state.colours), {
    displayModeBar: false,
    doubleClick: false,
    showTips: false,
  });
  if (!state.drawn) {
    state.drawn = true;
    canvas.on("plotly_relayout", (change) => noteZoom(state, change));
    canvas.on("plotly_doubleclick", () => unzoom(state));
    canvas.on("plotly_hover", (event) => state.figure.classList.toggle("opens", Boolean(state.open && runAt(event))));
    canvas.on("plotly_unhover", () => state.figure.classList.remove("opens"));
    canvas.on("plotly_click", (event) => state.open && runAt(event) && state.open(runAt(event)));
  }
  state.draws = (state.draws || 0) + 1;
  state.figure.dataset.draws = state.draws;
}

// The run that a point stands for, where it stands for one.
function runAt(event) {
  const run = event.points[0]?.customdata;
  return typeof run === "string" ? run : null;
}

// Goes to the page of a run as if its link had been followed: one step for the back button, and no reload.
function open(opens, run) {
  const query = [opens.shared, opens.own[run], `run=${run}`].filter(Boolean).join("&");
  window.history.pushState({}, "", `${opens.home}?${query}`);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

function noteZoom(state, change) {
  for (const axis of Object.keys(state.chart.layout).filter((name) => /^[xy]axis\d*$/.test(name))) {
    const range = change[`${axis}.range`] || [change[`${axis}.range[0]`], change[`${axis}.range[1]`]];
    if (range[0] !== undefined && range[1] !== undefined) state.zoom[axis] = range;
  }
  state.reset.hidden = Object.keys(state.zoom).length === 0;
}

function unzoom(state) {
  state.zoom = {};
  draw(state);
}

function steer(state, event) {
  const moves = { ArrowLeft: [-0.1, 1], ArrowRight: [0.1, 1], "+": [0, 0.8], "=": [0, 0.8], "-": [0, 1.25] };
  if (event.key === "0" || event.key === "Escape") {
    unzoom(state);
  } else if (moves[event.key] && state.drawn) {
    const [shift, scale] = moves[event.key];
    const [low, high] = state.canvas._fullLayout.xaxis.range;
    const middle = (low + high) / 2 + shift * (high - low);
    state.zoom.xaxis = [middle - ((high - low) * scale) / 2, middle + ((high - low) * scale) / 2];
    draw(state);
  } else {
    return;
  }
  event.preventDefault();
}

async function saveSvg(state) {
  const { chart } = state;
  const colours = chart.palette.light;
  const entries = chart.keys
    .filter((key) => !state.hidden.has(key.group))
    .map((key) => ({ face: glyph(key, colours), label: key.label }));
  const { chartFile } = await import(state.saver);
  const text = await chartFile(window.Plotly, { chart, colours, entries, data: traces(state, colours), layout: layout(state, colours) });
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "image/svg+xml" })), download: `${chart.name}.svg` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// The board that was drawn before Streamlit was there, if it has these charts; a copy of it stays where visitors see it meanwhile.
function takeEarly(parent, shape) {
  const early = document.querySelector("#lmc-wait .lmc-board");
  if (early?.dataset.shape !== shape || parent.closest("#lmc-wait")) return null;
  const copy = early.cloneNode(true);
  for (const chart of copy.querySelectorAll("[data-draws]")) delete chart.dataset.draws;
  early.replaceWith(copy);
  delete copy.dataset.shape;
  return parent.appendChild(early);
}

function arrange(parent, rows, charts) {
  addStyle();
  const shape = JSON.stringify([rows, charts.map((chart) => chart.name)]);
  parent.lmcBoard ??= takeEarly(parent, shape);
  const board = (parent.lmcBoard ??= parent.appendChild(element("div", { className: "lmc-board" })));
  for (const room of parent.querySelectorAll(".lmc-room")) room.style.display = "none";
  if (board.dataset.shape === shape) return board;
  for (const state of board.states || []) remove(state);
  board.replaceChildren();
  board.dataset.shape = shape;
  board.states = rows.flatMap((shares) => {
    const row = element("div", { className: "row" });
    row.style.setProperty("--shares", shares.map((share) => `minmax(0, ${share}fr)`).join(" "));
    board.appendChild(row);
    return shares.map(() => build(row));
  });
  return board;
}

function remove(state) {
  state.resizer.disconnect();
  if (state.drawn) window.Plotly.purge(state.canvas);
}

function aMoment() {
  return new Promise((resolve) => setTimeout(resolve));
}

function isSame(state, chart, theme) {
  const text = JSON.stringify(chart);
  if (state.text === text && state.theme === theme) return true;
  state.text = text;
  state.theme = theme;
  return false;
}

// What the page calls at the start and whenever the charts or the theme changed; `drawn` is called when the first chart is there.
export async function show({ data, parentElement, drawn }, plotlySource, saver) {
  const { rows, charts, opens, opened } = JSON.parse(new TextDecoder().decode(data));
  const board = arrange(parentElement, rows, charts);
  for (const state of board.states) state.open = opens ? (run) => open(opens, run) : null;
  for (const state of board.states) state.saver = saver;
  if (opened) return open(opens, opened);
  board.newest = charts;
  charts.forEach((chart, place) => {
    const isCapped = place < rows[0].length && chart.height <= CAPPED;
    board.states[place].figure.style.height = isCapped ? `min(${chart.height}px, ${CAP})` : `${chart.height}px`;
    board.states[place].plot.classList.toggle("wide", chart.width > 0);
    board.states[place].canvas.style.minWidth = `${chart.width}px`;
  });
  await loadPlotly(plotlySource);
  if (board.newest === charts) {
    const theme = isDark(board) ? "dark" : "light";
    for (const [place, chart] of charts.entries()) {
      const state = board.states[place];
      if (isSame(state, chart, theme)) continue;
      if (state.chart && state.chart.layout.uirevision !== chart.layout.uirevision) state.zoom = {};
      state.chart = chart;
      const isFirst = !state.drawn;
      draw(state);
      if (isFirst) await aMoment(); // the browser shows this chart before the next one is drawn
      drawn?.();
      if (board.newest !== charts) break;
    }
  }
  return () =>
    setTimeout(() => {
      if (!board.isConnected) board.states.forEach(remove);
    });
}
