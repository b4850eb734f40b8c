"""Labels in panels: at the ends of lines or on them, instead of a legend, and at marked points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from sweep.ode.arrays import Floats
from sweep.plots.colours import Colour
from sweep.plots.layout import size_of
from sweep.plots.style import INK, SMALL

LOWEST, HIGHEST = 0.02, 0.98  # the heights of labels, in panels
EARLY = 0.7  # up to this part of a panel there is room for a text at the right
ROOM, MOST_POINTS = 0.3, 400  # inches about a label on a curve; points by which a curve is told
BENT, NEAR = 0.6, 0.1  # parts of the way along a curve that the crow flies; inches
LINE = (SMALL + 1.5) / 72  # inches from one label to the next


@dataclass(frozen=True)
class End:
    """The end of a line, and its label. height, x: in the units of the axes; None: at the right."""

    text: str
    height: float
    colour: Colour | str
    x: float | None = None


@dataclass(frozen=True)
class Curve:
    """A curve, and its label. points: in the units of the axes, shape (n, 2)."""

    text: str
    points: Floats
    colour: Colour | str


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


def label_on(axes: Axes, curves: Sequence[Curve]) -> None:
    """Label curves where each is furthest from the others, and from the labels of these.

    The axes have their limits and scales.
    """
    to_axes = axes.transData + axes.transAxes.inverted()
    width, height = size_of(axes)
    size = np.array([width, height])
    corners = [_in_inches(to_axes.transform(curve.points), size) for curve in curves]
    taken = np.empty((0, 2))
    for i, (curve, own) in enumerate(zip(curves, corners, strict=True)):
        if not len(own):
            continue
        others = np.concatenate([*corners[:i], *corners[i + 1 :], taken])
        room = np.minimum(own, size - own).min(axis=1)
        if len(others):
            room = np.minimum(room, _apart(own, others).min(axis=1))
        room = _without_bends(own, room)
        # Where there is as much room in several places, the first of them.
        best = own[int(np.argmax(np.minimum(room, ROOM)))]
        taken = np.concatenate([taken, best[None]])
        text = axes.annotate(
            curve.text,
            best / size,
            xycoords="axes fraction",
            ha="center",
            va="center",
            size=SMALL,
            color=curve.colour,
        )
        text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _apart(one: Floats, other: Floats) -> Floats:
    far: Floats = np.linalg.norm(one[:, None] - other, axis=2)
    return far


def _without_bends(points: Floats, room: Floats) -> Floats:
    """The room on a curve, with less where it comes back to itself, or does so near by."""
    apart = _apart(points, points)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    bent = apart < BENT * np.abs(along[:, None] - along)
    room = np.minimum(room, np.where(bent, apart, np.inf).min(axis=1))
    least: Floats = np.where(apart < NEAR, room, np.inf).min(axis=1)
    return least


def _in_inches(places: Floats, size: Floats) -> Floats:
    """Places within a panel, from its corner; not more of them than tell a curve apart."""
    kept = places[np.all((places >= 0) & (places <= 1), axis=1)]
    return kept[:: max(1, len(kept) // MOST_POINTS)] * size


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
    label = axes.annotate(
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
    if across < 1 - 1e-6:  # within the panel, where other lines may pass
        label.set_path_effects([withStroke(linewidth=2.0, foreground="white")])


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
