// The courses: which one a cell has, and its curves in the time of the cell.

function bookOf(header, arrays) {
  const { kinds } = header.courses;
  if (!kinds) return { of: () => null, note: header.courses.note };
  const starts = [];
  const at = { time: 0, floats: 0, steps: 0, ranges: 0 };
  for (let i = 0; i < arrays.points.length; i++) {
    starts.push({ ...at });
    const points = arrays.points[i];
    at.time += points;
    for (const series of kinds[arrays.kind[i]]) {
      at[series.exact ? "floats" : "steps"] += points * entries(series).length;
      if (!series.exact) at.ranges += 2;
    }
  }
  return {
    note: "",
    of(cell) {
      const number = arrays.course[cell];
      if (!number) return null;
      return course(arrays, kinds[arrays.kind[number - 1]], starts[number - 1], number - 1, arrays.clock[cell]);
    },
  };
}

function course(arrays, kind, start, number, clock) {
  const points = arrays.points[number];
  const time = Array.from(arrays.time.subarray(start.time, start.time + points), (t) => t / clock);
  let { floats, steps, ranges } = start;
  const series = kind.map((described) => {
    const curves = entries(described).map((place) => {
      const from = described.exact ? floats : steps;
      const kept = (described.exact ? arrays.floats : arrays.steps).subarray(from, from + points);
      if (described.exact) floats += points;
      else steps += points;
      return { place, label: label(described, place), log: described.log, values: described.exact ? kept : summed(kept, arrays.ranges, ranges) };
    });
    if (!described.exact) ranges += 2;
    return { ...described, curves };
  });
  return { time, series };
}

function summed(steps, ranges, at) {
  let sum = 0;
  return Float64Array.from(steps, (step) => {
    sum += step;
    return ranges[at] + sum * ranges[at + 1];
  });
}

// The indices of the numbers that a series holds, from 0; a single one has none.
function entries({ shape, symmetric }) {
  let places = [[]];
  for (const length of shape) {
    places = places.flatMap((place) => Array.from({ length }, (_, i) => [...place, i]));
  }
  return symmetric ? places.filter(([k, l]) => k <= l) : places;
}

function label({ symbol, shape }, place) {
  if (!place.length) return symbol;
  const between = Math.max(...shape) > 9 ? "," : "";
  return `${symbol} ${place.map((i) => i + 1).join(between)}`;
}

// The value of a curve at a time, on a straight line between its points as they are drawn.
function valueAt(time, { values, log }, t) {
  if (t <= time[0]) return values[0];
  let low = 0;
  let high = time.length - 1;
  if (t >= time[high]) return t > time[high] * 1.000001 ? NaN : values[high];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (time[middle] <= t) low = middle;
    else high = middle;
  }
  const part = (t - time[low]) / (time[high] - time[low]);
  if (log) return values[low] * (values[high] / values[low]) ** part;
  return values[low] + part * (values[high] - values[low]);
}

// How far the course of a cell is shown: somewhat beyond its target, or to its end.
function until(cells, cell, { time }) {
  const last = time[time.length - 1];
  const met = cells.number("time_to_target", cell);
  const end = cells.number("time_final", cell);
  const wanted = met > 0 ? Math.min(1.5 * met, cells.window(cell)) : end > 0 ? end : last;
  return Math.min(wanted, last);
}
