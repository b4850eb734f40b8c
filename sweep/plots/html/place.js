// Where cells are: which is at a point of the picture, which is beside another, and their boxes.

const NEAR = 14; // points within which a point of a line is meant

function placesOf(header, arrays) {
  const panels = [];
  let start = 0;
  for (const described of header.panels) {
    const [rows, columns] = described.shape;
    panels.push({ ...described, rows, columns, start, number: panels.length });
    start += rows * columns;
  }
  const { of, first, sorted } = byPlace(arrays.place, start);
  return {
    count: start,
    panels,
    of: (cell) => of[cell],
    at: (place) => Array.from(sorted.subarray(first[place], first[place + 1])),
    panelOf: (place) => panels.findLast((panel) => panel.start <= place),
    // The place at a point, or -1.
    find(x, y) {
      for (const panel of panels) {
        const found = panel.heights ? nearestPoint(panel, x, y) : placeIn(panel, x, y);
        if (found >= 0) return panel.start + found;
      }
      return -1;
    },
    box(place) {
      const panel = this.panelOf(place);
      const [row, column] = split(panel, place);
      if (panel.heights) {
        const height = panel.heights[place - panel.start];
        if (height === null) return null;
        return { x: panel.x.centres[column] - 4, y: height - 4, width: 8, height: 8 };
      }
      const [x, right] = [panel.x.edges[column], panel.x.edges[column + 1]];
      const [bottom, y] = [panel.y.edges[row], panel.y.edges[row + 1]];
      return { x, y, width: right - x, height: bottom - y };
    },
    // The place so many columns to the right and rows up, in the next panel where one ends.
    step(place, right, up) {
      const panel = this.panelOf(place);
      let [row, column] = split(panel, place);
      if (panel.heights && up) row = up > 0 ? row + 1 : row - 1;
      else [row, column] = [row + up, column + right];
      row = Math.min(Math.max(row, 0), panel.rows - 1);
      if (column >= 0 && column < panel.columns) return panel.start + row * panel.columns + column;
      return this.enter(panel.number + Math.sign(right), row, right > 0 ? 0 : -1) ?? place;
    },
    enter(number, row, column) {
      const panel = panels[number];
      if (!panel) return undefined;
      const inRow = Math.min(row, panel.rows - 1) * panel.columns;
      return panel.start + inRow + (column < 0 ? panel.columns - 1 : Math.min(column, panel.columns - 1));
    },
    rowAndColumn: (place) => split(panels.findLast((panel) => panel.start <= place), place),
    // Of a refined grid: the computed place that is nearest to one that was not wanted.
    nearest(place) {
      const panel = this.panelOf(place);
      const [row, column] = split(panel, place);
      for (let radius = 1; radius <= 64; radius++) {
        const found = ring(panel, row, column, radius).filter((at) => first[at] < first[at + 1]);
        if (found.length) return found[0];
      }
      return -1;
    },
  };
}

function split(panel, place) {
  const within = place - panel.start;
  return [Math.floor(within / panel.columns), within % panel.columns];
}

// The cells of every place, by counting: those of place p are sorted[first[p]] to sorted[first[p + 1]].
function byPlace(of, count) {
  const first = new Uint32Array(count + 1);
  for (const place of of) first[place + 1]++;
  for (let p = 0; p < count; p++) first[p + 1] += first[p];
  const next = first.slice();
  const sorted = new Uint32Array(of.length);
  for (let cell = 0; cell < of.length; cell++) sorted[next[of[cell]]++] = cell;
  return { of, first, sorted };
}

function placeIn(panel, x, y) {
  const column = between(panel.x.edges, x);
  const row = between(panel.y.edges, y);
  return column < 0 || row < 0 ? -1 : row * panel.columns + column;
}

// The position of a value among edges, which ascend or descend; -1 outside of them.
function between(edges, value) {
  const sign = edges[edges.length - 1] > edges[0] ? 1 : -1;
  if (sign * (value - edges[0]) < 0 || sign * (value - edges[edges.length - 1]) >= 0) return -1;
  let low = 0;
  let high = edges.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sign * (value - edges[middle]) >= 0) low = middle;
    else high = middle;
  }
  return low;
}

function nearestPoint(panel, x, y) {
  const [left, top, width, height] = panel.box;
  if (x < left - NEAR || x > left + width + NEAR || y < top - NEAR || y > top + height + NEAR) return -1;
  let best = -1;
  let least = NEAR;
  panel.heights.forEach((h, i) => {
    const distance = h === null ? Infinity : Math.hypot(panel.x.centres[i % panel.columns] - x, h - y);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

function ring(panel, row, column, radius) {
  const found = [];
  for (let r = row - radius; r <= row + radius; r++) {
    if (r < 0 || r >= panel.rows) continue;
    const step = Math.abs(r - row) === radius ? 1 : 2 * radius;
    for (let c = column - radius; c <= column + radius; c += step) {
      if (c >= 0 && c < panel.columns) found.push([Math.hypot(r - row, c - column), panel.start + r * panel.columns + c]);
    }
  }
  return found.sort(([a], [b]) => a - b).map(([, place]) => place);
}
