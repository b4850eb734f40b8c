"""Heatmaps: a panel for every value of the facet, one scale of colours for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.plots.best import Best, best_of
from sweep.plots.contours import level_lines
from sweep.plots.filled import sparse_and_filled
from sweep.plots.heat import heat
from sweep.plots.keys import Colouring, colour_bar, colouring_of, legend, legend_entries, painted
from sweep.plots.labels import heading, panel_name, quantity, symbol
from sweep.plots.letters import key_to
from sweep.plots.page import BAR, BAR_GAP, BESIDE_BAR, NAME, Page, panel_width, room_beside
from sweep.plots.panels import arranged, most_columns, name_matrix
from sweep.plots.places import panel_of, shows
from sweep.plots.request import PictureRequest
from sweep.plots.style import FAINT, INK, SMALL
from sweep.plots.table import Table
from sweep.plots.ticks import LETTER, length, ticks_of

if TYPE_CHECKING:
    import pandas as pd

# inches
WIDEST, NARROWEST = 3.0, 0.9
ACROSS, LINE = 0.14, 0.12
BAR_ROOM, BAR_IN_SLOT = 0.75, 1.25
HEIGHT = 0.9  # of a panel, in widths


def heatmap(frame: pd.DataFrame, request: PictureRequest) -> Figure:
    """The picture of `request`, which has a y. Raises UsageError."""
    computed, table = sparse_and_filled(frame, request)
    best = [best_of(values, request, computed.categories) for values in computed.values]
    x, y = table.x_scale, table.y_scale
    drawn = quantity(frame, request, table)
    colouring = colouring_of(table, drawn, request)
    names = [panel_name(facet, request) for facet in table.facets]
    page, stacked, in_slot = _page(table, request, names, best, drawn)
    for slot, (facet, rgba) in enumerate(zip(table.facets, painted(table, colouring), strict=True)):
        if slot in page.blank:
            continue
        axes = page.panel(slot, boxed=True)
        heat(axes, x, y, rgba)
        shows(axes, panel_of(request, table, slot))
        if "category" not in (x.spacing, y.spacing):
            for line in request.lines.get(facet, ()):
                axes.plot(*line, color=INK, linewidth=0.7)
        level_lines(axes, table.values[slot], x, y, request.contours)
        page.name(axes, slot, names[slot], above=LINE if stacked else 0.0)
        page.label(
            axes, slot, symbol(request.x, request), symbol(str(request.y), request), one_y=True
        )
        if (found := best[slot]) is not None:
            if found.place is not None:
                row, column = found.place
                axes.plot(x.centres[column], y.centres[row], **_STAR)
            _note(axes, found.text, stacked=stacked)
    name_matrix(page, table, request, NAME - 0.04 + (LINE if stacked else 0.0))
    bar = colouring if np.isfinite(table.values).any() else None
    if in_slot:
        _fill_empty_slot(page, table, bar)
    elif bar is not None:
        page.bar_at_right(bar)
    return page.figure


def _page(
    table: Table,
    request: PictureRequest,
    names: Sequence[str],
    best: Sequence[Best | None],
    drawn: str,
) -> tuple[Page, bool, bool]:
    """The slots; whether a panel's name and its best value need a line each; where the legend is.

    Colour bar and legend take an empty slot where that is wide enough, or else margins.
    """
    count = len(table.facets)
    x, y = table.x_scale, table.y_scale
    _, labels = ticks_of(y, HEIGHT * WIDEST, upright=True)
    left = 0.36 + LETTER * max(length(label) for label in labels)
    arrangement = arranged(table, most_columns(request, (left, BAR_ROOM), ACROSS, NARROWEST))
    columns = arrangement.columns
    width = panel_width(columns, (left, 0.1), ACROSS, request.width, NARROWEST, WIDEST)
    handles, named = key_to(x, symbol(request.x, request), width, upright=False)
    more, of_y = key_to(y, symbol(str(request.y), request), HEIGHT * width, upright=True)
    in_slot = count % columns > 0 and width >= BAR_IN_SLOT and not (named or of_y)
    statuses, status_words = legend_entries(table)
    entries = [*statuses, *handles, *more], [*status_words, *named, *of_y]
    for _ in range(1 if in_slot else 3):  # a name in more lines leaves less for the panels
        high = HEIGHT * width * -(-count // columns)
        bar = 0.1 if in_slot else BAR_ROOM + room_beside(drawn, high, BESIDE_BAR)
        sides = (left, arrangement.right + bar)
        width = panel_width(columns, sides, ACROSS, request.width, NARROWEST, WIDEST)
    stacked = any(_head(*pair) > width for pair in zip(names, best, strict=True))
    page = Page(
        count,
        columns,
        lambda width: HEIGHT * width,
        sides=sides,
        gaps=(ACROSS, 0.28 + (LINE if stacked else 0.0)),
        heading=heading(request, drawn),
        entries=None if in_slot else entries,
        head=NAME + arrangement.head + (LINE if stacked else 0.0),
        narrowest=NARROWEST,
        widest=WIDEST,
        width=request.width,
        blank=arrangement.blank,
    )
    return page, stacked, in_slot


def _head(name: str, best: Best | None) -> float:
    """The inches of what stands above a panel, with its own letter."""
    if best is None:
        return 0.0
    named = len("(aa) ") + length(name)
    return LETTER * (named * (SMALL + 1) / SMALL + length(best.text) + 2)


def _note(axes: Axes, text: str, *, stacked: bool) -> None:
    """A remark at the right above a panel, below its name where there is no room beside that."""
    if not stacked:
        axes.set_title(text, loc="right", pad=3, size=SMALL, color=FAINT)
        return
    axes.annotate(  # all titles of a panel are at one height
        text,
        (1, 1),
        xycoords="axes fraction",
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        size=SMALL,
        color=FAINT,
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
