// What lies over the picture: the cell pointed at, the selected ones, what is highlighted, a zoomed panel.

const SMALLEST = 3; // points

function marksOf(svg, header, arrays, places) {
  const [width, height] = header.size;
  const layers = Object.fromEntries(["dim", "zoomed", "picks", "here"].map((name) => [name, draw("g", { class: name })]));
  svg.append(layers.dim, layers.zoomed, layers.picks, layers.here);
  const whole = [0, 0, width, height];

  // A box that is large enough to be seen.
  function seen(box) {
    if (!box) return null;
    const [right, down] = [box.width, box.height].map((length) => Math.max(0, SMALLEST - length) / 2);
    return { x: box.x - right, y: box.y - down, width: box.width + 2 * right, height: box.height + 2 * down };
  }

  function outline(place) {
    const box = seen(places.box(place));
    if (!box) return [];
    return ["here", "here inner"].map((name) => draw("rect", { class: name, ...box }));
  }

  return {
    whole,
    here(place) {
      layers.here.replaceChildren(...(place >= 0 ? outline(place) : []));
    },
    picks(picked) {
      layers.picks.replaceChildren(...picked.map(({ cell, letter }) => {
        const place = places.of(cell);
        const box = seen(places.box(place));
        const text = box ? [draw("text", { x: box.x + box.width + 1.5, y: box.y + 2 }, letter)] : [];
        return draw("g", { class: "mark" }, ...outline(place), ...text);
      }));
    },
    highlight(status) {
      layers.dim.replaceChildren(...(status === null ? [] : [draw("path", { class: "dim", d: others(status) })]));
    },
    zoom(panel) {
      layers.zoomed.replaceChildren(...(panel ? framed(panel) : []));
    },
  };

  // All cells that have another status, those beside one another as one box.
  function others(status) {
    let path = "";
    for (const panel of places.panels) {
      for (let row = 0; row < panel.rows; row++) {
        let from = -1;
        for (let column = 0; column <= panel.columns; column++) {
          const dim = column < panel.columns && isOther(panel.start + row * panel.columns + column, status);
          if (dim && from < 0) from = column;
          if (!dim && from >= 0) {
            path += boxes(panel, row, from, column);
            from = -1;
          }
        }
      }
    }
    return path;
  }

  function isOther(place, status) {
    const drawn = arrays.drawn[place];
    return drawn !== status && drawn < header.statuses.length;
  }

  function boxes(panel, row, from, to) {
    if (panel.heights) {
      const found = Array.from({ length: to - from }, (_, i) => places.box(panel.start + row * panel.columns + from + i));
      return found.filter(Boolean).map((box) => `M${box.x},${box.y}h8v8h-8z`).join("");
    }
    const [left, right] = [panel.x.edges[from], panel.x.edges[to]];
    return `M${left},${panel.y.edges[row]}H${right}V${panel.y.edges[row + 1]}H${left}z`;
  }

  // What is beside a zoomed panel is covered, for its own ticks and its name.
  function framed(panel) {
    const [left, top, w, h] = panel.box;
    const far = 4 * Math.max(width, height);
    const cover = `M${-far},${-far}h${2 * far + width}v${2 * far + height}h${-2 * far - width}z`;
    const found = [draw("path", { class: "frame", "fill-rule": "evenodd", d: `${cover}M${left},${top}h${w}v${h}h${-w}z` })];
    for (const [at, text] of panel.x.ticks) {
      found.push(draw("line", { x1: at, x2: at, y1: top + h, y2: top + h + 1.5 }));
      found.push(draw("text", { x: at, y: top + h + 6.5, "text-anchor": "middle" }, text));
    }
    for (const [at, text] of panel.y.ticks) {
      found.push(draw("line", { x1: left - 1.5, x2: left, y1: at, y2: at }));
      found.push(draw("text", { x: left - 2.5, y: at + 1.6, "text-anchor": "end" }, text));
    }
    found.push(draw("text", { x: left + w / 2, y: top + h + 13, "text-anchor": "middle" }, panel.x.name));
    const beside = draw("text", { transform: `translate(${left - 17},${top + h / 2}) rotate(-90)`, "text-anchor": "middle" }, panel.y.name);
    found.push(beside, draw("text", { x: left, y: top - 3 }, panel.name));
    return found;
  }
}
