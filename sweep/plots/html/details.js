// The selected cells: what became of each, the command that follows it, and the courses of all.

function detailsOf(page) {
  const { header, cells, book, select } = page;
  let wanted = ["error"];

  function card(one) {
    const { cell, letter, siblings } = one;
    const top = make("div", { class: "top" }, make("h2", {}, `${letter}: ${cells.named(cell)}`),
      make("button", { type: "button", "aria-label": `Remove ${letter}`, onclick: () => select.toggle(cell) }, "×"));
    const lines = [cells.outcome(cell), cells.further(cell), cells.message(cell)].filter(Boolean);
    const found = make("div", { class: "card", style: `--hue: ${HUES[one.index]}` }, top, ...lines.map((text) => make("p", {}, text)));
    if (siblings.length > 1) found.append(others(one));
    found.append(command(cell));
    return found;
  }

  // The other cells at this place of the picture, such as further seeds.
  function others({ cell, siblings }) {
    const differ = cells.parameters.filter((p) => siblings.some((other) => p.codes[other] !== p.codes[siblings[0]]));
    const name = (other) => differ.map((p) => `${p.name} = ${short(p.values[p.codes[other]])}`).join(", ");
    return make("div", { class: "others" }, ...siblings.slice(0, 24).map((other) => make("button", {
      type: "button", "aria-pressed": String(other === cell), onclick: () => select.replace(cell, other),
    }, name(other))));
  }

  function command(cell) {
    const text = cells.command(cell);
    const code = make("code", {}, text);
    const button = make("button", { type: "button", onclick: () => copy(text, code, button) }, "Copy");
    return make("div", { class: "command" }, code, button);
  }

  async function copy(text, code, button) {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  function charts(picked) {
    const followed = picked.map((one) => ({ ...one, course: book.of(one.cell) })).filter((one) => one.course)
      .map((one) => ({ ...one, until: until(cells, one.cell, one.course), target: cells.target(one.cell), crossing: cells.number("time_to_target", one.cell) }));
    if (!followed.length) {
      const note = book.note || "There is no course of this cell in this page.";
      return picked.length ? [make("p", { class: "note" }, `${note} The command above follows the cell.`)] : [];
    }
    const held = [...new Map(followed.flatMap((one) => one.course.series.map((s) => [s.name, s.symbol]))).entries()];
    const toggles = make("div", { class: "toggles", role: "group", "aria-label": "Curves" }, ...held.map(([name, symbol]) => make("button", {
      type: "button", "aria-pressed": String(wanted.includes(name)),
      onclick: () => { wanted = wanted.includes(name) ? wanted.filter((w) => w !== name) : [...wanted, name]; show(); },
    }, symbol)));
    if (followed.length > 1) toggles.append(...followed.map(line));
    const drawn = held.filter(([name]) => wanted.includes(name)).map(([name]) => chart(followed, name, header.time));
    return [toggles, ...drawn, ends(followed)];
  }

  function line({ letter, index }) {
    const sample = draw("svg", { width: 26, height: 8 }, draw("line", { x1: 0, x2: 26, y1: 4, y2: 4, stroke: HUES[index], "stroke-width": 2, "stroke-dasharray": DASHES[index] }));
    return make("span", {}, sample, ` ${letter}`);
  }

  // The cosines at the end of each course, or whatever matrix is not symmetric and comes last.
  function ends(followed) {
    const tables = followed.flatMap((one) => {
      const matrix = one.course.series.findLast((s) => s.shape.length === 2 && !s.symmetric);
      return matrix ? [endTable(one, matrix)] : [];
    });
    return make("div", { class: "ends" }, ...tables);
  }

  function endTable(one, { symbol, shape, curves }) {
    const at = Math.min(one.crossing >= 0 ? one.crossing : one.until, one.until);
    const values = curves.map((curve) => valueAt(one.course.time, curve, at));
    const rows = Array.from({ length: shape[0] }, (_, k) => make("tr", {}, make("th", { scope: "row" }, String(k + 1)),
      ...values.slice(k * shape[1], (k + 1) * shape[1]).map(heat)));
    const head = make("tr", {}, make("td"), ...Array.from({ length: shape[1] }, (_, n) => make("th", { scope: "col" }, String(n + 1))));
    return make("table", {}, make("caption", {}, `${one.letter}: ${symbol} at ${header.time.symbol} = ${shown(at, 4)}`), head, ...rows);
  }

  function heat(value) {
    const part = Math.min(Math.abs(value), 1) || 0;
    const hue = value < 0 ? "140, 61, 4" : "2, 84, 132";
    const ink = part > 0.55 ? "#ffffff" : "inherit";
    return make("td", { style: `background: rgba(${hue}, ${part.toFixed(3)}); color: ${ink}` }, Number.isFinite(value) ? value.toFixed(2).replace(/^-0.00$/, "0.00").replace("-", "−") : "–");
  }

  function show() {
    const picked = select.picked();
    $("#picked").replaceChildren(...picked.map(card));
    $("#charts").replaceChildren(...charts(picked));
  }

  return { show };
}
