// The picture: pointing, clicking, moving by keys, and zooming.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function figureOf(page) {
  const { header, cells, places, marks, select } = page;
  const host = $("#figure");
  const tip = $("#tip");
  const drawings = [$(".picture", host), $(".overlay", host)];
  let here = -1;
  let zoomed = null;
  host.classList.toggle("lines", places.panels.some((panel) => panel.heights));
  $(".overlay", host).setAttribute("viewBox", marks.whole.join(" "));
  $(".picture", host).setAttribute("viewBox", marks.whole.join(" "));
  host.style.aspectRatio = `${header.size[0]} / ${header.size[1]}`;

  host.addEventListener("pointermove", (event) => {
    const place = placeAt(event);
    if (place !== here) go(place);
    if (place >= 0) tell(event.clientX, event.clientY);
  });
  host.addEventListener("pointerleave", () => {
    tip.hidden = true;
  });
  host.addEventListener("click", (event) => {
    const place = placeAt(event);
    if (place >= 0) pick(place);
  });
  host.addEventListener("dblclick", (event) => {
    const place = placeAt(event);
    if (place >= 0) zoom(zoomed ? null : places.panelOf(place));
  });
  host.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !act(event.key)) return;
    event.preventDefault();
  });
  $("#whole").addEventListener("click", () => zoom(null));

  function act(key) {
    const start = here < 0 ? firstCell() : here;
    if (STEPS[key]) arrive(here < 0 ? start : onwards(start, ...STEPS[key]));
    else if (key === "Enter" || key === " ") pick(start);
    else if (key === "n" || key === "N") panel(start, 1);
    else if (key === "p" || key === "P") panel(start, -1);
    else if (key === "z" || key === "Z") zoom(zoomed ? null : places.panelOf(start));
    else if (key === "Escape") {
      if (zoomed) zoom(null);
      else select.clear();
    } else return false;
    return true;
  }

  // The next place in this direction that has a cell.
  function onwards(start, right, up) {
    const from = places.at(start).length || !header.refined ? start : places.nearest(start);
    let place = from;
    for (let i = 0; i < 1000; i++) {
      const next = places.step(place, right, up);
      if (next === place) return from;
      place = next;
      if (places.at(place).length && places.box(place)) return place;
    }
    return from;
  }

  function firstCell() {
    const picked = select.picked()[0];
    if (picked) return places.of(picked.cell);
    const first = places.panels.find((one) => one.start + one.rows * one.columns > 0);
    for (let place = first.start; place < places.count; place++) {
      if (shownAt(place).length && places.box(place)) return place;
    }
    return 0;
  }

  function panel(from, by) {
    const [row, column] = places.rowAndColumn(from);
    const next = places.enter(places.panelOf(from).number + by, row, column);
    if (next === undefined) return;
    arrive(next);
    if (zoomed) zoom(places.panelOf(next));
  }

  function arrive(place) {
    if (zoomed && places.panelOf(place) !== zoomed) zoom(places.panelOf(place));
    go(place);
    const box = places.box(place);
    if (!box) return;
    const at = $(".overlay", host).createSVGPoint();
    [at.x, at.y] = [box.x + box.width / 2, box.y + box.height];
    const seen = at.matrixTransform($(".overlay", host).getScreenCTM());
    tell(seen.x, seen.y);
    $("#says").textContent = words(place).map(([text]) => text).join("; ");
  }

  function placeAt(event) {
    const at = $(".overlay", host).createSVGPoint();
    [at.x, at.y] = [event.clientX, event.clientY];
    const { x, y } = at.matrixTransform($(".overlay", host).getScreenCTM().inverse());
    const place = places.find(x, y);
    return place >= 0 && zoomed && places.panelOf(place) !== zoomed ? -1 : place;
  }

  function go(place) {
    here = place;
    marks.here(place);
    if (place < 0) tip.hidden = true;
  }

  // The cells of a place; of one that a refined grid did not want, those of the nearest.
  function shownAt(place) {
    const found = places.at(place);
    return found.length || !header.refined ? found : places.at(places.nearest(place));
  }

  function words(place) {
    const found = shownAt(place);
    if (!found.length) return [["no such cell"]];
    const lines = [[cells.named(found[0], found.length > 1 ? ["seed"] : []), "b"]];
    if (!places.at(place).length) lines.unshift(["not computed itself; the nearest cell:"]);
    if (page.value?.at(place)) lines.push([`${page.value.name}: ${page.value.at(place)}`]);
    if (found.length === 1) {
      lines.push([cells.outcome(found[0])], [cells.further(found[0])], [cells.message(found[0])]);
    } else {
      const counts = header.statuses.map(({ word }, code) => [found.filter((cell) => cells.status(cell) === header.statuses[code]).length, word]);
      lines.push([`${found.length} seeds: ${counts.filter(([n]) => n).map(([n, word]) => `${n} ${word}`).join(", ")}`]);
    }
    return lines.filter(([text]) => text);
  }

  function tell(x, y) {
    tip.replaceChildren(...words(here).map(([text, tag]) => make("div", {}, tag ? make(tag, {}, text) : text)));
    tip.hidden = false;
    const box = host.getBoundingClientRect();
    const left = Math.min(x - box.left + 14, box.width - tip.offsetWidth - 6);
    const below = y - box.top + 16;
    const top = below + tip.offsetHeight > box.height ? y - box.top - tip.offsetHeight - 10 : below;
    tip.style.left = `${Math.max(left, 4)}px`;
    tip.style.top = `${Math.max(top, 4)}px`;
  }

  function pick(place) {
    const found = shownAt(place);
    if (found.length) select.toggle(found[0], found);
  }

  function zoom(onto) {
    zoomed = onto;
    const [left, top, width, height] = onto ? onto.box : marks.whole;
    const box = onto ? [left - 24, top - 10, width + 30, height + 26] : marks.whole;
    for (const svg of drawings) svg.setAttribute("viewBox", box.join(" "));
    marks.zoom(onto);
    host.classList.toggle("near", Boolean(onto));
    $("#whole").hidden = !onto;
    tip.hidden = true;
  }
}
