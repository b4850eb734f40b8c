"""Where the cells of a drawn figure are, in points from its upper left corner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.ode.arrays import Floats
from sweep.plots.html.letters import label, plain
from sweep.plots.layout import size_of
from sweep.plots.places import Panel
from sweep.plots.ticks import ticks_of, words

POINTS = 72.0  # an inch


def size(figure: Figure) -> tuple[float, float]:
    """Width and height."""
    width, height = figure.get_size_inches()
    return float(width) * POINTS, float(height) * POINTS


def measured(figure: Figure, panels: Sequence[tuple[Axes, Panel]]) -> list[dict[str, Any]]:
    """What the script needs to find a cell: edges, of lines centres and heights; and the ticks.

    The outer panels alone have labels; any of these is that of all panels.
    """
    x, y = (
        label(next(filter(None, (axis.get_label_text() for axis in along)), ""))
        for along in zip(*((axes.xaxis, axes.yaxis) for axes, _ in panels), strict=True)
    )
    found = [_measured(figure, axes, panel) for axes, panel in panels]
    for one in found:
        one["x"]["name"], one["y"]["name"] = x, y
    return found


def _measured(figure: Figure, axes: Axes, panel: Panel) -> dict[str, Any]:
    x, y = panel.x[1], panel.y[1]
    width, height = size_of(axes)
    found: dict[str, Any] = {
        "name": ", ".join(f"{name} = {plain(words(key))}" for name, key in panel.of.items()),
        "shape": [len(y.keys), len(x.keys)],
        "x": {"ticks": _ticks(figure, axes, *ticks_of(x, width, upright=False), "x")},
        "box": _box(figure, axes),
    }
    if panel.lines:
        heights = _along(figure, axes, panel.values.ravel(), "y")
        found["x"]["centres"] = _rounded(_along(figure, axes, x.centres, "x"))
        found["y"] = {"ticks": _ticks(figure, axes, *_drawn_ticks(axes), "y")}
        found["heights"] = [None if np.isnan(h) else round(float(h), 2) for h in heights]
        return found
    found["x"]["edges"] = _rounded(_along(figure, axes, x.edges, "x"))
    found["y"] = {
        "edges": _rounded(_along(figure, axes, y.edges, "y")),
        "ticks": _ticks(figure, axes, *ticks_of(y, height, upright=True), "y"),
    }
    return found


def _drawn_ticks(axes: Axes) -> tuple[list[float], list[str]]:
    """The ticks at the side of lines, which go by their values."""
    low, high = axes.get_ylim()
    ticks = [float(value) for value in axes.get_yticks() if low <= value <= high]
    return ticks, axes.yaxis.get_major_formatter().format_ticks(ticks)


def _ticks(
    figure: Figure,
    axes: Axes,
    values: Sequence[float],
    labels: Sequence[str],
    direction: Literal["x", "y"],
) -> list[tuple[float, str]]:
    places = _rounded(_along(figure, axes, np.asarray(values, dtype=np.float64), direction))
    return list(zip(places, map(plain, labels), strict=True))


def _along(figure: Figure, axes: Axes, values: Floats, direction: Literal["x", "y"]) -> Floats:
    """Places on one axis, in points."""
    pairs = np.tile([axes.get_xlim()[0], axes.get_ylim()[0]], (len(values), 1))
    pairs[:, "xy".index(direction)] = values
    with np.errstate(invalid="ignore"):
        places = axes.transData.transform(pairs) * POINTS / figure.dpi
    if direction == "x":
        return np.asarray(places[:, 0])
    return size(figure)[1] - np.asarray(places[:, 1])


def _box(figure: Figure, axes: Axes) -> list[float]:
    """Left, top, width and height."""
    width, height = size(figure)
    box = axes.get_position()
    return _rounded([box.x0 * width, (1 - box.y1) * height, box.width * width, box.height * height])


def _rounded(values: Floats | Sequence[float]) -> list[float]:
    return [round(float(value), 2) for value in values]
