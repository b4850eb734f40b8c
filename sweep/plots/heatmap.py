"""Heatmaps: a panel for every value of the facet, one scale of colours for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.models.status import MISSING, REACHED
from sweep.plots.colours import NO_VALUE, STATUS_COLOURS, paint
from sweep.plots.edges import Scale
from sweep.plots.keys import (
    Colouring,
    colour_bar,
    colouring_of,
    hatch_ground,
    legend,
    legend_column,
    legend_entries,
    legend_height,
)
from sweep.plots.labels import panel_name, quantity, setting, symbol, title
from sweep.plots.layout import Lattice, arrangement
from sweep.plots.request import PictureRequest
from sweep.plots.style import FAINT, INK, SMALL
from sweep.plots.table import Table, tabulate
from sweep.plots.ticks import LETTER, length, number, set_ticks, ticks_of

if TYPE_CHECKING:
    import pandas as pd

PAGE = 7.2  # the width of a journal's page, in inches
WIDEST = 3.0
HEIGHT = 0.9  # of a panel, in widths
LESS_IS_BETTER = ("time_to_target", "error_final")
BAR = 0.11  # the thickness of the colour bar, in inches


def heatmap(frame: pd.DataFrame, request: PictureRequest) -> Figure:
    """The picture of `request`, which has a y. Raises UsageError."""
    table = tabulate(frame, request, request.y, request.facet)
    x, y = table.x_scale, table.y_scale
    colouring = colouring_of(table, quantity(frame, request, table))
    lattice = _lattice(table, y, titled=bool(request.title))
    figure = Figure(figsize=lattice.size)
    for slot in range(len(table.facets)):
        axes = lattice.place(figure, *lattice.corner(slot), lattice.width, lattice.height)
        _panel(axes, table, slot, x, y, colouring)
        set_ticks(axes.xaxis, *ticks_of(x, lattice.width, upright=False))
        set_ticks(axes.yaxis, *ticks_of(y, lattice.height, upright=True))
        if request.facet is not None:
            name = setting(request.facet, table.facets[slot], request)
            panel_name(axes, slot, len(table.facets), name)
        _label(axes, slot, len(table.facets), lattice, request)
        if _has_minimum(request):
            _mark_minimum(axes, table, slot, x, y)
    _keys(figure, lattice, table, colouring)
    title(figure, request.title)
    return figure


def _lattice(table: Table, y: Scale, *, titled: bool) -> Lattice:
    """The slots; the colour bar takes an empty slot, or else a margin at the right."""
    count = len(table.facets)
    rows, columns = arrangement(count)
    _, labels = ticks_of(y, HEIGHT * WIDEST, upright=True)
    left = 0.36 + LETTER * max(length(label) for label in labels)
    across = 0.14
    right = 0.1 if rows * columns > count else 0.75
    width = min(WIDEST, (PAGE - left - right - (columns - 1) * across) / columns)
    page = left + columns * (width + across)
    beneath = legend_height(legend_entries(table), page) if rows * columns == count else 0.0
    return Lattice(
        rows=rows,
        columns=columns,
        width=width,
        height=HEIGHT * width,
        left=left,
        right=right,
        top=0.24 + 0.26 * titled,
        bottom=0.42 + beneath,
        across=across,
        between=0.28,
    )


def _panel(axes: Axes, table: Table, slot: int, x: Scale, y: Scale, colouring: Colouring) -> None:
    values, status = table.values[slot], table.status[slot]
    if np.any(status == MISSING):
        hatch_ground(axes)
    axes.set_xscale("log" if x.spacing == "log" else "linear")
    axes.set_yscale("log" if y.spacing == "log" else "linear")
    bare = STATUS_COLOURS[REACHED] if table.is_status else NO_VALUE
    axes.pcolormesh(
        x.edges,
        y.edges,
        paint(values, status, colouring.norm, colouring.cmap, bare),
        rasterized=True,
        antialiased=False,
        linewidth=0,
    )
    axes.set_xlim(x.edges[0], x.edges[-1])
    axes.set_ylim(y.edges[0], y.edges[-1])


def _label(axes: Axes, slot: int, count: int, lattice: Lattice, request: PictureRequest) -> None:
    """Labels on the outer panels alone; a panel above an empty slot is an outer one."""
    outer_left = slot % lattice.columns == 0
    outer_below = slot + lattice.columns >= count
    axes.tick_params(labelleft=outer_left, labelbottom=outer_below)
    if outer_left and request.y is not None:
        axes.set_ylabel(symbol(request.y, request))
    if outer_below:
        axes.set_xlabel(symbol(request.x, request))


def _has_minimum(request: PictureRequest) -> bool:
    return request.statistic == "median" and request.value in LESS_IS_BETTER


def _mark_minimum(axes: Axes, table: Table, slot: int, x: Scale, y: Scale) -> None:
    values = table.values[slot]
    if np.isnan(values).all():
        return
    j, i = np.unravel_index(np.nanargmin(values), values.shape)
    axes.plot(x.centres[i], y.centres[j], **_STAR)
    lowest = f"min {number(float(values[j, i]), 3)}"
    axes.set_title(lowest, loc="right", pad=3, size=SMALL, color=FAINT)


_STAR: dict[str, Any] = {
    "marker": "*",
    "markersize": 7.5,
    "markerfacecolor": "white",
    "markeredgecolor": INK,
    "markeredgewidth": 0.7,
    "linestyle": "none",
    "clip_on": False,
    "zorder": 5,
}


def _keys(figure: Figure, lattice: Lattice, table: Table, colouring: Colouring) -> None:
    """The colour bar and the legend: in the empty slot where there is one, else in the margins."""
    entries = legend_entries(table)
    valued = bool(np.isfinite(table.values).any())
    count = len(table.facets)
    if count < lattice.rows * lattice.columns:
        blank = lattice.rows * lattice.columns - count - 1
        x, y = lattice.corner(count)
        x, y = x + 0.14 + blank * (lattice.width + lattice.across) / 2, y + lattice.height
        if valued:
            cax = lattice.place(figure, x, y - 0.42, lattice.width - 0.24, BAR)
            colour_bar(figure, cax, colouring, "horizontal")
        legend_column(figure, entries, x, y - (0.92 if valued else 0.3))
        return
    x = lattice.left + lattice.columns * (lattice.width + lattice.across) - lattice.across
    if valued:
        high = lattice.size[1] - lattice.top - lattice.bottom
        cax = lattice.place(figure, x + 0.14, lattice.bottom, BAR, high)
        colour_bar(figure, cax, colouring, "vertical")
    legend(figure, entries, (lattice.left + x) / 2, 0.06, x)
