// What is put together when the page opens.

const LETTERS = "ABCDEF";
const ON_A_PICTURE = 2; // cells that are laid over one another

function selection(most, changed) {
  let picked = [];
  const set = (next) => {
    const kept = next.slice(0, most);
    picked = kept.map((one, index) => ({ ...one, index, letter: LETTERS[index] }));
    changed();
  };
  return {
    picked: () => picked,
    clear: () => set([]),
    // A cell that is selected is let go; of too many, the last gives way.
    toggle(cell, siblings = [cell]) {
      const rest = picked.filter((one) => one.cell !== cell);
      if (rest.length < picked.length) set(rest);
      else set([...picked.slice(0, most - 1), { cell, siblings }]);
    },
    replace: (cell, other) => set(picked.map((one) => (one.cell === cell ? { ...one, cell: other } : one))),
    all: (given) => set(given.map((cell) => ({ cell, siblings: [cell] }))),
  };
}

function themes() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = $("#theme");
  const set = (isDark) => {
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
    button.setAttribute("aria-pressed", String(isDark));
  };
  button.addEventListener("click", () => set(document.documentElement.dataset.theme !== "dark"));
  dark.addEventListener("change", (event) => set(event.matches));
  set(dark.matches);
}

function legend(header, marks) {
  let kept = null;
  const present = header.statuses.map((status, code) => ({ ...status, code })).filter(({ count }) => count);
  const buttons = present.map(({ word, colour, count, code }) => make("button", {
    type: "button", "aria-pressed": "false",
    onpointerenter: () => marks.highlight(code),
    onpointerleave: () => marks.highlight(kept),
    onclick: () => {
      kept = kept === code ? null : code;
      marks.highlight(kept);
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(present[i].code === kept)));
    },
  }, make("span", { class: code ? "swatch" : "swatch scale", style: code ? `background: ${colour}` : null }), `${word} ${count}`));
  $("#legend").replaceChildren(...buttons);
}

function origin(made) {
  const told = Object.entries(made).filter(([name, text]) => text && !["grid", "model_source"].includes(name));
  $("#about").replaceChildren(...told.flatMap(([name, text]) => [make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, text)]));
  $("#text").textContent = made.grid;
}

async function open() {
  themes();
  const header = JSON.parse($("#header").textContent);
  origin(JSON.parse($("#made").textContent));
  const arrays = await unpacked(header.arrays, $("#data").textContent);
  const cells = cellsOf(header, arrays);
  const page = { header, cells, book: bookOf(header, arrays) };
  let changed = () => {};
  page.select = selection(header.panels ? ON_A_PICTURE : LETTERS.length, () => changed());
  const details = detailsOf(page);
  tableOf(page);
  if (header.panels) {
    page.places = placesOf(header, arrays);
    page.marks = marksOf($("#figure .overlay"), header, arrays, page.places);
    page.value = header.value && {
      name: header.value.replaceAll("_", " "),
      at: (place) => header.categories[arrays.value[place]] ?? (Number.isFinite(arrays.value[place]) ? shown(arrays.value[place]) : ""),
    };
    changed = () => {
      page.marks.picks(page.select.picked());
      details.show();
    };
    figureOf(page);
    legend(header, page.marks);
  } else {
    $("#seen").remove();
    $("main").classList.add("alone");
    changed = details.show;
    page.select.all(Array.from({ length: cells.count }, (_, i) => i));
  }
  document.documentElement.dataset.ready = "";
}

open();
