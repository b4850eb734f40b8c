// What the page holds: the arrays, and what they say of a cell.

const TYPES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i2: Int16Array, f4: Float32Array };

const $ = (selector, root = document) => root.querySelector(selector);

function make(tag, attributes = {}, ...children) {
  const found = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) found.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) found.setAttribute(name, value === true ? "" : value);
  }
  found.append(...children);
  return found;
}

function draw(tag, attributes = {}, ...children) {
  const found = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
  found.append(...children);
  return found;
}

async function unpacked(names, text) {
  const letters = atob(text.trim());
  const packed = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) packed[i] = letters.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const arrays = {};
  let at = 0;
  for (const [name, type, length] of names) {
    const array = new TYPES[type](length);
    const size = array.BYTES_PER_ELEMENT;
    const whole = new Uint8Array(array.buffer);
    // The first bytes of all entries come first, then all second ones, and so on.
    for (let b = 0; b < size; b++) for (let i = 0; i < length; i++) whole[i * size + b] = bytes[at++];
    arrays[name] = array;
  }
  return arrays;
}

// A number as one would write it.
function shown(value, digits = 5) {
  if (value === Infinity) return "∞";
  if (!Number.isFinite(value)) return "–";
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

// A value of an axis, which may be a word or a matrix, in few letters.
function short(text) {
  if (text === "inf") return "∞";
  const number = Number(text);
  if (text !== "" && Number.isFinite(number)) return shown(number, 6);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function cellsOf(header, arrays) {
  const parameters = header.parameters.map((p) => ({ ...p, codes: arrays[`parameter ${p.name}`] }));
  const one = (name, values, cell) => {
    const parameter = parameters.find((p) => p.name === name);
    return values.length > 1 && parameter ? values[parameter.codes[cell]] : values[0];
  };
  return {
    count: arrays.status.length,
    parameters,
    setting: (cell) => parameters.map((p) => [p.name, short(p.values[p.codes[cell]])]),
    named: (cell, without = []) => parameters.filter((p) => !without.includes(p.name))
      .map((p) => `${p.name} = ${short(p.values[p.codes[cell]])}`).join(", "),
    status: (cell) => header.statuses[arrays.status[cell]],
    number: (name, cell) => (arrays[name] ? arrays[name][cell] : NaN),
    message: (cell) => (header.messages.length ? header.messages[arrays.message[cell]] : ""),
    target: (cell) => one("target_error", header.targets, cell) ?? 0,
    window: (cell) => one(header.window, header.windows, cell) ?? Infinity,
    command: (cell) => {
      const [start, between, end] = header.command;
      return start + parameters.map((p) => p.arguments[p.codes[cell]]).join(between) + end;
    },
    outcome(cell) {
      const time = this.number("time_to_target", cell);
      const end = this.number("time_final", cell);
      const { name } = header.time;
      const at = Number.isFinite(time) ? ` at ${name} = ${shown(time)}`
        : Number.isFinite(end) ? `, ended at ${name} = ${shown(end)}` : "";
      return this.status(cell).word + at;
    },
    further(cell) {
      const error = this.number("error_final", cell);
      const rest = header.numbers.filter((name) => !ALWAYS.includes(name))
        .map((name) => [name.replaceAll("_", " "), this.number(name, cell)]);
      return [["error", error], ...rest].filter(([, value]) => Number.isFinite(value))
        .map(([name, value]) => `${name} ${shown(value)}`).join(", ");
    },
  };
}

const ALWAYS = ["time_to_target", "error_initial", "error_final", "time_final"];
