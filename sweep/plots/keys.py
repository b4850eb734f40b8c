"""What colours mean: the scale of the values, the colour bar, and the legend of the statuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, Colormap, ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sweep.models.base import REACHED
from sweep.plots.colours import (
    HATCH,
    HATCH_GREY,
    MISSING,
    NO_VALUE,
    SEQUENTIAL,
    SEQUENTIAL_R,
    STATUS_COLOURS,
    STATUS_WORDS,
    norm_of,
)
from sweep.plots.style import INK
from sweep.plots.table import Table
from sweep.plots.ticks import linear_ticks, log_ticks, numbers, set_ticks

Entries = tuple[list[Artist], list[str]]


@dataclass(frozen=True)
class Colouring:
    """How values become colours; `categories` are the names of the values 0, 1, 2, …"""

    norm: Normalize
    cmap: Colormap
    label: str
    categories: tuple[str, ...] = ()


def colouring_of(table: Table, label: str) -> Colouring:
    """The one scale of colours for all panels of a table."""
    if table.categories:
        count = len(table.categories)
        cmap = ListedColormap(SEQUENTIAL(np.linspace(0.0, 1.0, count) if count > 1 else [0.5]))
        norm = BoundaryNorm(np.arange(count + 1) - 0.5, count)
        return Colouring(norm, cmap, label, table.categories)
    if table.is_fraction:
        return Colouring(Normalize(0.0, 1.0), SEQUENTIAL_R, label)
    return Colouring(norm_of(table.values), SEQUENTIAL, label)


def colour_bar(
    figure: Figure,
    cax: Axes,
    colouring: Colouring,
    orientation: Literal["horizontal", "vertical"],
) -> None:
    """Draw the colour bar into `cax`."""
    mappable = ScalarMappable(colouring.norm, colouring.cmap)
    bar = figure.colorbar(mappable, cax=cax, orientation=orientation)
    bar.outline.set_linewidth(0.5)
    if bar.solids is not None:
        bar.solids.set_rasterized(True)
    along = bar.ax.xaxis if orientation == "horizontal" else bar.ax.yaxis
    if colouring.categories:
        set_ticks(along, range(len(colouring.categories)), colouring.categories)
        along.set_tick_params(length=0)
    else:
        ticks = _bar_ticks(colouring.norm)
        set_ticks(along, ticks, numbers(ticks))
    along.set_label_text(colouring.label)


def _bar_ticks(norm: Normalize) -> list[float]:
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
    return log_ticks(low, high) if isinstance(norm, LogNorm) else linear_ticks(low, high)


def legend_entries(table: Table) -> Entries:
    """A patch and a word for every status that shows in the table."""
    handles: list[Artist] = []
    words = []
    for code in table.present():
        colour, word = STATUS_COLOURS[code], STATUS_WORDS[code]
        if code == REACHED and not table.is_status:
            colour, word = NO_VALUE, "no value"
        hatch, edge = (HATCH, HATCH_GREY) if code == MISSING else (None, INK)
        handles.append(Patch(facecolor=colour, edgecolor=edge, linewidth=0.4, hatch=hatch))
        words.append(word)
    if table.incomplete:
        handles.append(Patch(visible=False))
        words.append("(some seeds not computed yet)")
    return handles, words


def legend(figure: Figure, entries: Entries, x: float, y: float, *, in_a_row: bool = False) -> None:
    """The legend: its upper left corner, or a row's lower middle, lies at (x, y) inches."""
    if not entries[0]:
        return
    width, height = figure.get_size_inches()
    figure.legend(
        *entries,
        loc="lower center" if in_a_row else "upper left",
        bbox_to_anchor=(x / width, y / height),
        ncols=len(entries[0]) if in_a_row else 1,
        frameon=False,
        borderaxespad=0,
        borderpad=0,
        handlelength=1.1,
        handleheight=1.0,
        handletextpad=0.5,
        columnspacing=1.4,
        labelspacing=0.45,
    )
