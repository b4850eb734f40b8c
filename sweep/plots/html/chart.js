// Curves against time: a panel of one series, with all selected cells in it.

const HUES = ["#016d96", "#d55e00", "#009e73", "#b0579a", "#8a8a8a", "#7a4b1e"];
const ENTRIES = ["#016d96", "#d55e00", "#009e73", "#b0579a", "#5a62c8", "#8a8a8a", "#2ba3d4", "#a8743f"];
const DASHES = ["", "5 3", "1.5 2.5", "8 3 2 3", "3 3", "10 4"];
const WIDTH = 380;
const HEIGHT = 190;
const MARGIN = { left: 46, right: 40, top: 12, bottom: 32 };

// followed: [{ letter, index, course, until, target, crossing }]
function chart(followed, name, time) {
  const found = followed.map((one) => ({ ...one, series: one.course.series.find((s) => s.name === name) }))
    .filter((one) => one.series);
  const { symbol, log } = found[0].series;
  const end = Math.max(...found.map((one) => one.until)) || 1;
  const x = scaleOf(0, end, MARGIN.left, WIDTH - MARGIN.right, false);
  const [low, high] = range(found, log, name === "error");
  const y = scaleOf(low, high, HEIGHT - MARGIN.bottom, MARGIN.top, log);
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${symbol} against ${time.symbol}` });
  axes(svg, x, y, time.symbol, symbol);
  if (name === "error") found.forEach((one) => target(svg, one, x, y));
  const single = !found[0].series.shape.length;
  for (const one of found) {
    for (const curve of one.series.curves) {
      const colour = single ? HUES[one.index] : ENTRIES[curve.place[curve.place.length - 1] % ENTRIES.length];
      const path = draw("path", { class: "curve", d: trail(one, curve, x, y), stroke: colour, "stroke-dasharray": DASHES[one.index] });
      path.append(draw("title", {}, `${one.letter}: ${curve.label}`));
      svg.append(path);
    }
  }
  if (!single) names(svg, found[0], y);
  const reading = make("div", { class: "reading" });
  readings(svg, reading, found, x, y, time, symbol, single);
  return make("div", { class: "chart", "data-series": name }, svg, reading);
}

function scaleOf(low, high, from, to, log) {
  const f = log ? Math.log10 : Number;
  const a = f(low);
  const part = (to - from) / (f(high) - a || 1);
  const scale = (value) => from + (f(value) - a) * part;
  scale.back = (place) => (log ? 10 ** ((place - from) / part + a) : (place - from) / part + a);
  scale.ticks = log ? powers(low, high) : round(low, high);
  return scale;
}

function powers(low, high) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first) / 5));
  const found = [];
  for (let n = first; n <= last; n += step) found.push(Number(`1e${n}`));
  return found.length > 1 ? found : round(low, high);
}

function round(low, high) {
  const raw = (high - low || 1) / 4;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * unit).find((s) => s >= raw);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(Number((k * step).toPrecision(12)));
  return found;
}

function range(found, log, withTarget) {
  let low = Infinity;
  let high = -Infinity;
  for (const one of found) {
    const values = one.series.curves.flatMap((curve) => visible(one, curve));
    if (withTarget && one.target > 0) values.push(one.target);
    for (const value of values) {
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return log ? [0.1, 1] : [0, 1];
  if (log) return low === high ? [low / 2, high * 2] : [low * 0.85, high * 1.15];
  const pad = (high - low || Math.abs(high) || 1) * 0.05;
  return [Math.min(low, 0) - pad, Math.max(high, 0) + pad];
}

function visible({ course, until }, curve) {
  return [...curve.values.filter((_, i) => course.time[i] <= until), valueAt(course.time, curve, until)];
}

function trail({ course, until }, curve, x, y) {
  let path = "";
  let pen = "M";
  const to = (t, value) => {
    const height = y(value);
    if (Number.isFinite(height)) path += `${pen}${x(t).toFixed(1)},${height.toFixed(1)}`;
    pen = Number.isFinite(height) ? "L" : "M";
  };
  for (let i = 0; i < course.time.length && course.time[i] < until; i++) to(course.time[i], curve.values[i]);
  to(until, valueAt(course.time, curve, until));
  return path;
}

function axes(svg, x, y, below, beside) {
  const [left, right, bottom] = [MARGIN.left, WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom];
  for (const tick of y.ticks) {
    svg.append(draw("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }));
    svg.append(draw("text", { x: left - 5, y: y(tick) + 3.5, "text-anchor": "end" }, shown(tick)));
  }
  for (const tick of x.ticks) {
    svg.append(draw("line", { class: "axis", x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 3 }));
    svg.append(draw("text", { x: x(tick), y: bottom + 14, "text-anchor": "middle" }, shown(tick)));
  }
  svg.append(draw("path", { class: "axis", d: `M${left},${MARGIN.top}V${bottom}H${right}` }));
  svg.append(draw("text", { x: (left + right) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, below));
  svg.append(draw("text", { x: 11, y: (MARGIN.top + bottom) / 2, "text-anchor": "middle" }, beside));
}

function target(svg, one, x, y) {
  if (!(one.target > 0)) return;
  svg.append(draw("line", { class: "target", x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y(one.target), y2: y(one.target) }));
  if (one.crossing >= 0) {
    svg.append(draw("circle", { cx: x(one.crossing), cy: y(one.target), r: 3, fill: "none", stroke: HUES[one.index], "stroke-width": 1.2 }));
  }
}

// The names of the largest curves at their ends, where there is room.
function names(svg, one, y) {
  const taken = [];
  const ends = one.series.curves.map((curve) => [curve, valueAt(one.course.time, curve, one.until)])
    .filter(([, value]) => Number.isFinite(value)).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  for (const [curve, value] of ends) {
    const height = y(value) + 3.5;
    if (taken.some((other) => Math.abs(other - height) < 10) || taken.length > 9) continue;
    taken.push(height);
    svg.append(draw("text", { x: WIDTH - MARGIN.right + 4, y: height }, curve.label.split(" ").pop()));
  }
}

function readings(svg, reading, found, x, y, time, symbol, single) {
  const cross = draw("line", { class: "cross", y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom, visibility: "hidden" });
  svg.append(cross);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * WIDTH;
    const height = ((event.clientY - box.top) / box.height) * HEIGHT;
    const t = x.back(Math.min(Math.max(place, MARGIN.left), WIDTH - MARGIN.right));
    cross.setAttribute("x1", x(t));
    cross.setAttribute("x2", x(t));
    cross.setAttribute("visibility", "visible");
    const texts = found.map((one) => {
      const near = one.series.curves.map((curve) => ({ curve, value: valueAt(one.course.time, curve, t) }))
        .filter(({ value }) => Number.isFinite(value) && t <= one.until)
        .sort((a, b) => Math.abs(y(a.value) - height) - Math.abs(y(b.value) - height))[0];
      return near ? `${one.letter}: ${single ? symbol : near.curve.label} = ${shown(near.value, 4)}` : "";
    });
    reading.textContent = [`${time.symbol} = ${shown(t, 4)}`, ...texts.filter(Boolean)].join("   ");
  });
  svg.addEventListener("pointerleave", () => {
    cross.setAttribute("visibility", "hidden");
    reading.textContent = "";
  });
}
