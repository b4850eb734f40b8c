"""Where the cells of a drawn figure are, in points from its upper left corner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.ode.arrays import Floats
from sweep.plots.edges import Scale
from sweep.plots.layout import size_of
from sweep.plots.places import Panel
from sweep.plots.ticks import ticks_of, words

POINTS = 72.0  # an inch

_SUPERSCRIPTS = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")


def size(figure: Figure) -> tuple[float, float]:
    """Width and height."""
    width, height = figure.get_size_inches()
    return float(width) * POINTS, float(height) * POINTS


def measured(figure: Figure, axes: Axes, panel: Panel) -> dict[str, Any]:
    """What the script needs to find a cell: edges, of lines centres and heights; and the ticks."""
    (x_name, x), (y_name, y) = panel.x, panel.y
    width, height = size_of(axes)
    found: dict[str, Any] = {
        "name": ", ".join(f"{name} = {plain(words(key))}" for name, key in panel.of.items()),
        "shape": [len(y.keys), len(x.keys)],
        "x": {"name": x_name, "ticks": _ticks(figure, axes, x, width, "x")},
        "y": {"name": y_name, "ticks": []},
        "box": _box(figure, axes),
    }
    if panel.lines:
        heights = _along(figure, axes, panel.values.ravel(), "y")
        found["x"]["centres"] = _rounded(_along(figure, axes, x.centres, "x"))
        found["heights"] = [None if np.isnan(h) else round(float(h), 2) for h in heights]
        return found
    found["x"]["edges"] = _rounded(_along(figure, axes, x.edges, "x"))
    found["y"]["edges"] = _rounded(_along(figure, axes, y.edges, "y"))
    found["y"]["ticks"] = _ticks(figure, axes, y, height, "y")
    return found


def plain(text: str) -> str:
    """Mathtext such as "$3\\times10^{-5}$" as plain letters."""
    text = text.replace(r"\times", "·").replace("$", "")
    return re.sub(r"\^\{([^}]*)\}", lambda found: found[1].translate(_SUPERSCRIPTS), text)


def _ticks(
    figure: Figure, axes: Axes, scale: Scale, inches: float, direction: Literal["x", "y"]
) -> list[tuple[float, str]]:
    values, labels = ticks_of(scale, inches, upright=direction == "y")
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
