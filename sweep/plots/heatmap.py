"""Heatmaps: a panel for every value of the facet, one scale of colours for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.plots.edges import Scale
from sweep.plots.filled import filled
from sweep.plots.heat import heat
from sweep.plots.keys import Colouring, colour_bar, colouring_of, legend, legend_entries, painted
from sweep.plots.labels import heading, quantity, setting, symbol
from sweep.plots.layout import arrangement
from sweep.plots.page import BAR, BAR_GAP, Page
from sweep.plots.places import panel_of, shows
from sweep.plots.request import PictureRequest
from sweep.plots.style import FAINT, INK, SMALL
from sweep.plots.table import Table, tabulate
from sweep.plots.ticks import LETTER, length, number_text, ticks_of

if TYPE_CHECKING:
    import pandas as pd

WIDEST = 3.0  # inches
HEIGHT = 0.9  # of a panel, in widths
LESS_IS_BETTER = ("time_to_target", "error_final")


def heatmap(frame: pd.DataFrame, request: PictureRequest) -> Figure:
    """The picture of `request`, which has a y. Raises UsageError."""
    table = filled(tabulate(frame, request, request.y, request.facet), request)
    x, y = table.x_scale, table.y_scale
    colouring = colouring_of(table, quantity(frame, request, table))
    page = _page(table, y, heading(request))
    for slot, (facet, rgba) in enumerate(zip(table.facets, painted(table, colouring), strict=True)):
        axes = page.panel(slot, boxed=True)
        heat(axes, x, y, rgba)
        shows(axes, panel_of(request, table, slot))
        if "category" not in (x.spacing, y.spacing):
            for line in request.lines.get(facet, ()):
                axes.plot(*line, color=INK, linewidth=0.7)
        if request.facet is not None:
            page.name(axes, slot, setting(request.facet, facet, request))
        page.label(
            axes, slot, symbol(request.x, request), symbol(str(request.y), request), one_y=True
        )
        if request.statistic == "median" and request.value in LESS_IS_BETTER:
            _mark_minimum(axes, table.values[slot], x, y)
    bar = colouring if np.isfinite(table.values).any() else None
    if not page.full:
        _fill_empty_slot(page, table, bar)
    elif bar is not None:
        page.bar_at_right(bar)
    return page.figure


def _page(table: Table, y: Scale, title: str) -> Page:
    """The slots; colour bar and legend take an empty slot, or else margins."""
    rows, columns = arrangement(len(table.facets))
    full = rows * columns == len(table.facets)
    _, labels = ticks_of(y, HEIGHT * WIDEST, upright=True)
    left = 0.36 + LETTER * max(length(label) for label in labels)
    return Page(
        len(table.facets),
        columns,
        lambda width: HEIGHT * width,
        sides=(left, 0.75 if full else 0.1),
        gaps=(0.14, 0.28),
        heading=title,
        entries=legend_entries(table) if full else None,
        widest=WIDEST,
    )


def _fill_empty_slot(page: Page, table: Table, colouring: Colouring | None) -> None:
    """Put the colour bar, where there is one, and the legend into what is left of the last row."""
    lattice = page.lattice
    blank = lattice.rows * lattice.columns - page.count - 1
    x, y = lattice.corner(page.count)
    x += BAR_GAP + blank * (lattice.width + lattice.across) / 2
    y += lattice.height
    if colouring is not None:
        cax = page.place(x, y - 0.42, lattice.width - 0.24, BAR)
        colour_bar(page.figure, cax, colouring, "horizontal")
    y -= 0.3 if colouring is None else 0.92
    legend(page.figure, legend_entries(table), (x, y), "upper left")


def _mark_minimum(axes: Axes, values: Any, x: Scale, y: Scale) -> None:
    if np.isnan(values).all():
        return
    j, i = np.unravel_index(np.nanargmin(values), values.shape)
    axes.plot(x.centres[i], y.centres[j], **_STAR)
    lowest = f"min {number_text(float(values[j, i]), 3)}"
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
