"""Lines: a value against one axis, a line for every value of a second, a panel of a third.

A point without a value (not reached, diverged, …) is no point of its line. It shows in the strip
above the panel, which has a row for every line: the line's colour where it has a value, the
status's colour where not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize, to_rgba
from matplotlib.figure import Figure

from sweep.errors import UsageError
from sweep.models.status import MISSING
from sweep.ode.arrays import Floats
from sweep.plots.colours import DISTINCT, SEQUENTIAL, norm_of, status_rgba
from sweep.plots.direct import spread
from sweep.plots.edges import Scale
from sweep.plots.keys import (
    Colouring,
    colour_bar,
    hatch_ground,
    legend,
    legend_entries,
    legend_height,
)
from sweep.plots.labels import panel_name, quantity, setting, symbol, target_of, title
from sweep.plots.layout import Lattice, arrangement
from sweep.plots.request import PictureRequest
from sweep.plots.style import FAINT, INK, SMALL
from sweep.plots.table import Table, tabulate
from sweep.plots.ticks import linear_ticks, log_ticks, numbers, set_ticks, ticks_of, words

if TYPE_CHECKING:
    import pandas as pd


# lengths in inches
PAGE = 7.2
MOST_COLUMNS = 3
WIDEST, HEIGHT = 4.4, 0.68
STRIP_ROW, UNNAMED_STRIP, GAP = 0.09, 0.6, 0.04
MOST_LABELS = 12  # more lines than this are told apart by a colour bar
MARKED_POINTS = 70  # lines of more points need no markers
PAD = 0.05


def lines(frame: pd.DataFrame, request: PictureRequest) -> Figure:
    """The picture of `request`, which has no y. Raises UsageError."""
    table = lines_table(frame, request)
    series, facet = request.series, request.facet
    x = table.x_scale
    heights = Normalize(*table.within) if table.within else norm_of(table.values)
    lattice = _lattice(table, titled=bool(request.title))
    figure = Figure(figsize=lattice.size)
    strip = _strip_height(table)
    for slot in range(len(table.facets)):
        left, bottom = lattice.corner(slot)
        axes = lattice.place(figure, left, bottom, lattice.width, lattice.height - strip)
        top = axes
        _lines(axes, table.values[slot], x, table.y_scale)
        _scales(axes, table, x, heights)
        set_ticks(axes.xaxis, *ticks_of(x, lattice.width, upright=False))
        _level(axes, frame, request)
        if strip:
            above = bottom + lattice.height - strip + GAP
            top = lattice.place(figure, left, above, lattice.width, strip - GAP)
            _strip(top, table, slot, x)
        if series is not None and len(table.y) <= MOST_LABELS:
            _name_lines(axes, table.values[slot], table.y_scale, x, symbol(series, request))
        if facet is not None:
            panel_name(top, slot, len(table.facets), setting(facet, table.facets[slot], request))
        _axis_labels(axes, slot, len(table.facets), lattice, request)
        if slot % lattice.columns == 0:
            axes.set_ylabel(quantity(frame, request, table))
    _keys(figure, lattice, table, series, request)
    title(figure, request.title)
    return figure


def lines_table(frame: pd.DataFrame, request: PictureRequest) -> Table:
    """What `lines` draws. Raises UsageError."""
    table = tabulate(frame, request, request.series, request.facet)
    if table.is_status:
        raise UsageError("value: status needs two axes, x and y; or choose a column of numbers")
    return table


def line_colours(along: Scale) -> list[tuple[float, float, float, float]]:
    """Numbers get colours in order, from light to dark; a few words get distinct ones.

    So many lines that a colour bar tells them apart have the colours of that bar.
    """
    keys = along.keys
    if len(keys) > MOST_LABELS:
        norm, lines_at = _bar_scale(along)
        return [to_rgba(c) for c in SEQUENTIAL(norm(lines_at))]
    if len(keys) == 1:
        return [to_rgba(DISTINCT[0])]
    if all(isinstance(k, float) for k in keys) or len(keys) > len(DISTINCT):
        return [to_rgba(c) for c in SEQUENTIAL(np.linspace(0.25, 1.0, len(keys)))]
    return [to_rgba(c) for c in DISTINCT[: len(keys)]]


def _bar_scale(along: Scale) -> tuple[Normalize, Floats]:
    """The norm of the bar that tells lines apart, and where on it they are."""
    low, high = float(along.centres[0]), float(along.centres[-1])
    norm = LogNorm(low, high) if along.spacing == "log" else Normalize(low, high)
    return norm, along.centres


def _lattice(table: Table, *, titled: bool) -> Lattice:
    count = len(table.facets)
    rows, columns = arrangement(count, MOST_COLUMNS)
    left, right, across = 0.62, 0.6 if len(table.y) <= MOST_LABELS else 0.78, 0.5
    width = min(WIDEST, (PAGE - left - right - (columns - 1) * across) / columns)
    return Lattice(
        rows=rows,
        columns=columns,
        width=width,
        height=max(1.3, HEIGHT * width) + _strip_height(table),
        left=left,
        right=right,
        top=(0.24 if count > 1 else 0.1) + 0.26 * titled,
        bottom=0.42 + legend_height(legend_entries(table), left + columns * (width + across)),
        across=across,
        between=0.5,
    )


def _strip_height(table: Table) -> float:
    """Room for the strips; none where every point has a value."""
    if not table.present():
        return 0.0
    rows = len(table.y)
    return GAP + (STRIP_ROW * rows if rows <= MOST_LABELS else UNNAMED_STRIP)


def _lines(axes: Axes, values: Floats, x: Scale, along: Scale) -> None:
    marker = "o" if len(x.keys) <= MARKED_POINTS else ""
    for row, colour in zip(values, line_colours(along), strict=True):
        axes.plot(x.centres, row, color=colour, marker=marker, markersize=2.2)


def _scales(axes: Axes, table: Table, x: Scale, heights: Normalize) -> None:
    axes.set_xscale("log" if x.spacing == "log" else "linear")
    axes.set_xlim(x.edges[0], x.edges[-1])
    low, high = float(heights.vmin or 0.0), float(heights.vmax or 1.0)
    if isinstance(heights, LogNorm):
        pad = (high / low) ** PAD
        axes.set_yscale("log")
        axes.set_ylim(low / pad, high * pad)
        ticks = log_ticks(low / pad, high * pad)
    else:
        pad = PAD * (high - low)
        axes.set_ylim(low - pad, high + pad)
        ticks = linear_ticks(low - pad, high + pad)
    labels = numbers(ticks)
    if table.categories:
        ticks, labels = [float(i) for i in range(len(table.categories))], list(table.categories)
    set_ticks(axes.yaxis, ticks, labels)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.5)
    axes.set_axisbelow(True)


def _level(axes: Axes, frame: pd.DataFrame, request: PictureRequest) -> None:
    """The value to compare with as a dashed line, where it is within the panel."""
    level = request.level
    if level is None and request.value.startswith("error_"):
        level = target_of(frame, request)
    low, high = axes.get_ylim()
    if level is not None and low < level < high:
        axes.axhline(level, color=FAINT, linewidth=0.7, dashes=(4, 3), zorder=1)


def _name_lines(axes: Axes, values: Floats, along: Scale, x: Scale, header: str) -> None:
    """Every line's value at its right end and in its colour, and the symbol on top of them.

    Where lines end on one another the first stands on top.
    """
    keys = along.keys
    named = [i for i in reversed(range(len(keys))) if np.isfinite(values[i]).any()]
    if not named:
        return
    ends = [int(np.flatnonzero(np.isfinite(values[i]))[-1]) for i in named]
    points = np.array(
        [(x.centres[end], values[i, end]) for i, end in zip(named, ends, strict=True)]
    )
    at = (axes.transData + axes.transAxes.inverted()).transform(points)
    across = np.where(np.array(ends) == len(x.centres) - 1, 1.0, at[:, 0])
    line = (SMALL + 1.5) / 72 / _inches_high(axes)
    heights = spread([round(float(v), 3) for v in at[:, 1]], line, 0.02, 0.98)
    colours = line_colours(along)
    for i, left, height in reversed([*zip(named, across, heights, strict=True)]):
        _beside(axes, words(keys[i]), float(left), float(height), colours[i])
    top = int(np.argmax(heights))
    _beside(axes, header, float(across[top]), float(heights[top]) + line, INK)


def _inches_high(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(axes.get_position().height * figure.get_size_inches()[1])


def _beside(axes: Axes, text: str, across: float, height: float, colour: Any) -> None:
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


def _strip(axes: Axes, table: Table, slot: int, x: Scale) -> None:
    values, status = table.values[slot], table.status[slot]
    if np.any(status == MISSING):
        hatch_ground(axes)
    colours = line_colours(table.y_scale)
    rgba = status_rgba()[status]
    valued = np.isfinite(values)
    rgba[valued] = np.asarray(colours)[np.nonzero(valued)[0]]
    axes.set_xscale("log" if x.spacing == "log" else "linear")
    rows = np.arange(len(values) + 1)
    axes.pcolormesh(x.edges, rows, rgba, rasterized=True, antialiased=False, linewidth=0)
    axes.set_xlim(x.edges[0], x.edges[-1])
    axes.set_ylim(0, len(values))
    set_ticks(axes.xaxis, [], [])
    set_ticks(axes.yaxis, [], [])
    if 1 < len(values) <= MOST_LABELS:
        axes.hlines(rows[1:-1], x.edges[0], x.edges[-1], color="white", linewidth=0.6)
        set_ticks(
            axes.yaxis, [row + 0.5 for row in range(len(values))], [words(k) for k in table.y]
        )
        axes.tick_params(axis="y", length=0, labelsize=SMALL - 1.5)
        for label, colour in zip(axes.get_yticklabels(), colours, strict=True):
            label.set_color(colour)


def _axis_labels(
    axes: Axes, slot: int, count: int, lattice: Lattice, request: PictureRequest
) -> None:
    if slot + lattice.columns >= count:
        axes.set_xlabel(symbol(request.x, request))
    else:
        axes.tick_params(labelbottom=False)


def _keys(
    figure: Figure, lattice: Lattice, table: Table, series: str | None, request: PictureRequest
) -> None:
    """The legend of the statuses; and a colour bar where there are too many lines to be named."""
    middle = lattice.left + (lattice.size[0] - lattice.left - lattice.right) / 2
    legend(figure, legend_entries(table), middle, 0.06, lattice.size[0])
    if series is None or len(table.y) <= MOST_LABELS:
        return
    along = table.y_scale
    norm, _ = _bar_scale(along)
    high = lattice.size[1] - lattice.bottom - lattice.top
    ticks = ticks_of(along, high, upright=True)
    colouring = Colouring(norm, SEQUENTIAL, symbol(series, request), ticks)
    cax = lattice.place(figure, lattice.size[0] - lattice.right + 0.14, lattice.bottom, 0.11, high)
    colour_bar(figure, cax, colouring, "vertical")
