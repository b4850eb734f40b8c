// The cells as a table, for those who do not see the picture, so many to a page.

const ROWS = 50;

function tableOf(page) {
  const { header, cells, select } = page;
  const names = header.numbers.filter((name) => name !== "error_initial");
  let first = 0;

  function show() {
    const last = Math.min(first + ROWS, cells.count);
    const head = make("tr", {}, ...[...cells.parameters.map((p) => p.name), "status", ...names.map((name) => name.replaceAll("_", " ")), ""].map((name) => make("th", { scope: "col" }, name)));
    const rows = Array.from({ length: last - first }, (_, i) => row(first + i));
    const move = (by, text) => make("button", { type: "button", disabled: first + by < 0 || first + by >= cells.count, onclick: () => { first += by; show(); } }, text);
    const page = make("input", {
      type: "number", min: 1, max: Math.ceil(cells.count / ROWS), value: first / ROWS + 1, "aria-label": "Page",
      onchange: ({ target }) => { first = ROWS * (Math.min(Math.max(Math.round(target.value), 1), target.max) - 1); show(); },
    });
    const pages = make("div", { class: "pages" }, move(-ROWS, "Previous"), page, `cells ${first + 1} to ${last} of ${cells.count}`, move(ROWS, "Next"));
    $("#table").replaceChildren(pages, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  function row(cell) {
    const numbers = names.map((name) => make("td", {}, shown(cells.number(name, cell))));
    const button = make("button", { type: "button", "aria-label": `Course of ${cells.named(cell)}`, onclick: () => select.toggle(cell) }, "course");
    return make("tr", {}, ...cells.setting(cell).map(([, value]) => make("td", {}, value)), make("td", {}, cells.status(cell).word), ...numbers, make("td", {}, button));
  }

  $("#cells").addEventListener("toggle", () => {
    if ($("#cells").open && !$("#table").childElementCount) show();
  });
}
