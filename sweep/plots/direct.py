"""Labels in panels: at the ends of lines instead of a legend, and at marked points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from sweep.ode.arrays import Floats
from sweep.plots.colours import Colour
from sweep.plots.layout import size_of
from sweep.plots.style import INK, SMALL

LOWEST, HIGHEST = 0.02, 0.98  # the heights of labels, in panels
EARLY = 0.7  # up to this part of a panel there is room for a text at the right
LINE = (SMALL + 1.5) / 72  # inches from one label to the next


@dataclass(frozen=True)
class End:
    """The end of a line, and its label. height, x: in the units of the axes; None: at the right."""

    text: str
    height: float
    colour: Colour | str
    x: float | None = None


def label_ends(axes: Axes, ends: Sequence[End], header: str = "") -> None:
    """Label lines at their ends, as near as there is room, and put a header on top of the labels.

    The axes have their limits and scales. Where lines end on one another the first stands on top.
    """
    if not ends:
        return
    right = axes.get_xlim()[1]
    points = [(right if end.x is None else end.x, end.height) for end in ends]
    at = (axes.transData + axes.transAxes.inverted()).transform(points)
    gap = LINE / size_of(axes)[1]
    wanted = [round(float(height), 3) for height in at[:, 1]]
    highest = HIGHEST - gap if header else HIGHEST
    heights = spread(wanted[::-1], gap, LOWEST, highest)[::-1]
    for end, x, height in zip(ends, at[:, 0], heights, strict=True):
        _beside(axes, end.text, float(x), float(height), end.colour)
    if header:
        top = int(np.argmax(heights))
        _beside(axes, header, float(at[top, 0]), float(heights[top]) + gap, INK)


def mark(axes: Axes, x: float, y: float, text: str) -> None:
    """A ring, with a text at its upper right, or upper left where the panel ends soon."""
    axes.plot(
        [x], [y], marker="o", markersize=4, mfc="white", mec=INK, mew=0.8, zorder=5, clip_on=False
    )
    to_axes = axes.transData + axes.transAxes.inverted()
    early = bool(to_axes.transform((x, y))[0] < EARLY)
    axes.annotate(
        text,
        (x, y),
        xytext=(3, 5) if early else (-2, 5),
        ha="left" if early else "right",
        textcoords="offset points",
        size=SMALL,
    )


def _beside(axes: Axes, text: str, across: float, height: float, colour: Colour | str) -> None:
    axes.annotate(
        text,
        (across, height),
        xycoords="axes fraction",
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        size=SMALL,
        color=colour,
        annotation_clip=False,
    )


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> Floats:
    """Positions near the wanted ones, in their order, at least `gap` apart and within [low, high].

    The least squares solution (pool adjacent violators); where the labels do not fit into the
    interval they are packed evenly.
    """
    target = np.asarray(wanted, dtype=np.float64)
    if target.size == 0:
        return target
    order = np.argsort(target, kind="stable")
    gap = min(gap, (high - low) / max(1, target.size - 1))
    offsets = gap * np.arange(target.size)
    means = _isotonic(target[order] - offsets)
    placed = np.clip(means, low, high - offsets[-1]) + offsets
    out = np.empty_like(target)
    out[order] = placed
    return out


def _isotonic(values: Floats) -> Floats:
    """The ascending sequence nearest to `values` in the sense of least squares."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, number = blocks.pop()
            mean = (mean * count + before * number) / (count + number)
            count += number
        blocks.append((mean, count))
    return np.concatenate([np.full(count, mean) for mean, count in blocks])
