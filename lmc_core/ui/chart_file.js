// One chart as an SVG file that is right by itself: title and note, the legend of the page, the chart, and which runs it shows.

const EDGE = 24;
const LEAST_WIDTH = 900;
const LINE = 15;
const LEGEND_LINE = 22;
const GLYPH = 28;
const FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif";

function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character]);
}

function measure(size) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${size}px ${FONT}`;
  return (text) => pen.measureText(text).width;
}

// The text in lines that are no wider than this; a word that is wider is broken.
function wrapped(text, width, size) {
  const long = measure(size);
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    const joined = lines[last] ? `${lines[last]} ${word}` : word;
    if (long(joined) <= width) {
      lines[last] = joined;
      continue;
    }
    if (lines[last]) lines.push("");
    let rest = word;
    while (long(rest) > width) {
      let end = rest.length - 1;
      while (end > 1 && long(rest.slice(0, end)) > width) end -= 1;
      lines[lines.length - 1] = rest.slice(0, end);
      lines.push("");
      rest = rest.slice(end);
    }
    lines[lines.length - 1] = rest;
  }
  return lines;
}

function textLines(lines, top, size, colour, weight = 400) {
  return lines
    .map((line, place) => {
      const place_y = top + (place + 1) * (size + 4);
      return `<text x="${EDGE}" y="${place_y}" font-size="${size}" font-weight="${weight}" fill="${colour}">${escaped(line)}</text>`;
    })
    .join("");
}

// The legend as it stands on the page, in as many rows as it needs, and how high it is.
function legendOf(entries, top, width, colour) {
  const long = measure(13);
  let x = EDGE;
  let row = 0;
  const parts = entries.map(({ face, label }) => {
    const room = GLYPH + 8 + long(label) + 18;
    if (x > EDGE && x + room > width - EDGE) {
      x = EDGE;
      row += 1;
    }
    const y = top + row * LEGEND_LINE;
    const part = `<g transform="translate(${x} ${y + 4})">${face}</g><text x="${x + GLYPH + 8}" y="${y + 15}" font-size="13" fill="${colour}">${escaped(label)}</text>`;
    x += room;
    return part;
  });
  return [parts.join(""), entries.length ? (row + 1) * LEGEND_LINE + 4 : 0];
}

// The whole file as text.
//
// entries: of the legend, those that are shown: their face as SVG and their label; data and layout: as the page draws them, in light colours.
export async function chartFile(plotly, { chart, colours, entries, data, layout }) {
  const width = Math.max(LEAST_WIDTH, chart.width);
  const inside = width - 2 * EDGE;
  const title = wrapped(chart.title, inside, 18);
  const note = chart.note ? wrapped(chart.note, inside, 13) : [];
  const headEnd = 12 + title.length * 22 + note.length * 17;
  const [legend, legendHeight] = legendOf(entries, headEnd + 8, width, colours.ink);
  const top = headEnd + 12 + legendHeight;
  const drawn = { ...layout, paper_bgcolor: "rgba(0,0,0,0)", showlegend: false };
  const shown = data.map((trace) => ({ ...trace, showlegend: false }));
  const address = await plotly.toImage({ data: shown, layout: drawn }, { format: "svg", width, height: chart.height });
  const picture = new DOMParser().parseFromString(decodeURIComponent(address.slice(address.indexOf(",") + 1)), "image/svg+xml");
  picture.documentElement.setAttribute("y", top);
  const made = (chart.made || []).flatMap((line) => wrapped(line, inside, 11));
  const height = top + chart.height + 14 + made.length * LINE + 10;
  const runs = chart.runs?.length ? ` Runs: ${chart.runs.join(", ")}.` : "";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(FONT)}">`,
    `<title>${escaped(chart.title)}</title><desc>${escaped(`${chart.alt}${runs} ${(chart.made || []).join(" ")}`)}</desc>`,
    `<rect width="${width}" height="${height}" fill="${colours.surface}"/>`,
    textLines(title, 8, 18, colours.ink, 600),
    textLines(note, 12 + title.length * 22, 13, colours.muted),
    legend,
    new XMLSerializer().serializeToString(picture.documentElement),
    textLines(made, top + chart.height + 8, 11, colours.muted),
    "</svg>",
  ].join("\n");
}
