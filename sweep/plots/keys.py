"""What colours mean: the scale of the values, the colour bar, and the legend of the statuses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, Colormap, ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerPatch
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sweep.models.seeds import ABSENT
from sweep.models.status import MISSING, REACHED
from sweep.ode.arrays import Floats
from sweep.plots.colours import (
    HATCH_GREY,
    NO_VALUE,
    SEQUENTIAL,
    SEQUENTIAL_R,
    SIGNED,
    STATUS_COLOURS,
    STATUS_WORDS,
    is_signed,
    norm_of,
    paint,
)
from sweep.plots.layout import size_of
from sweep.plots.request import PictureRequest
from sweep.plots.style import INK
from sweep.plots.table import Table
from sweep.plots.ticks import LETTER, round_ticks, set_ticks

LEGEND_ROW = 0.155  # inches

Entries = tuple[list[Any], list[str]]
Extend = Literal["neither", "min", "max", "both"]


@dataclass(frozen=True)
class Colouring:
    """How values become colours.

    ticks: positions and words, where they do not go by norm. extend: at which ends there are values
    beyond those of the norm.
    """

    norm: Normalize
    cmap: Colormap
    label: str
    ticks: tuple[Sequence[float], Sequence[str]] | None = None
    extend: Extend = "neither"


def colouring_of(table: Table, label: str, request: PictureRequest) -> Colouring:
    """The one scale of colours for all panels of a table."""
    if table.categories:
        count = len(table.categories)
        few = ListedColormap(SEQUENTIAL(np.linspace(0.0, 1.0, count) if count > 1 else [0.5]))
        steps = BoundaryNorm(np.arange(count + 1) - 0.5, count)
        return Colouring(steps, few, label, (range(count), table.categories))
    if table.within and request.limits is None and request.scale is None:
        cmap = SEQUENTIAL_R if table.is_fraction else SEQUENTIAL
        return Colouring(Normalize(*table.within), cmap, label)
    kind = request.scale
    if kind is None and request.limits is None and is_signed(table.values):
        kind = "symmetric"
    norm = norm_of(table.values, request.limits, kind)
    cmap = SEQUENTIAL_R if table.is_fraction else SIGNED if kind == "symmetric" else SEQUENTIAL
    return Colouring(norm, cmap, label, extend=_beyond(table.values, norm))


def _beyond(values: Floats, norm: Normalize) -> Extend:
    """At which ends of the scale there are values beyond it; zeros are at an end of a logarithm."""
    finite = values[np.isfinite(values)]
    if isinstance(norm, LogNorm):
        finite = finite[finite > 0]
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
    below, above = bool(np.any(finite < low)), bool(np.any(finite > high))
    return "both" if below and above else "min" if below else "max" if above else "neither"


def painted(table: Table, colouring: Colouring) -> Floats:
    """RGBA of all cells of a table, shape (facets, y, x, 4)."""
    bare = STATUS_COLOURS[REACHED] if table.is_status else NO_VALUE
    return paint(table.values, table.status, colouring.norm, colouring.cmap, bare)


def colour_bar(
    figure: Figure,
    cax: Axes,
    colouring: Colouring,
    orientation: Literal["horizontal", "vertical"],
) -> None:
    """Draw the colour bar into `cax`."""
    mappable = ScalarMappable(colouring.norm, colouring.cmap)
    bar = figure.colorbar(mappable, cax=cax, orientation=orientation, extend=colouring.extend)
    bar.outline.set_linewidth(0.5)
    if bar.solids is not None:
        bar.solids.set_rasterized(True)
    along = bar.ax.xaxis if orientation == "horizontal" else bar.ax.yaxis
    if colouring.ticks is not None:
        set_ticks(along, *colouring.ticks)
    else:
        low, high = float(colouring.norm.vmin or 0.0), float(colouring.norm.vmax or 0.0)
        inches = size_of(cax)[0] if orientation == "horizontal" else None
        logarithmic = isinstance(colouring.norm, LogNorm)
        round_ticks(along, low, high, logarithmic=logarithmic, inches=inches)
    if isinstance(colouring.norm, BoundaryNorm):
        along.set_tick_params(length=0)
    along.set_label_text(colouring.label)


def legend_entries(table: Table) -> Entries:
    """A patch and a word for every status that shows in the table."""
    handles: list[Artist] = []
    words = []
    for code in table.present():
        colour, word = STATUS_COLOURS[code], STATUS_WORDS[code]
        if code == REACHED and not table.is_status:
            colour, word = NO_VALUE, table.bare
        kind, edge = (_Hatched, HATCH_GREY) if code == MISSING else (Patch, INK)
        handles.append(kind(facecolor=colour, edgecolor=edge, linewidth=0.4))
        words.append(word)
    if table.excluded:
        handles.append(Patch(facecolor=STATUS_COLOURS[ABSENT], edgecolor=INK, linewidth=0.4))
        words.append("not computed" if table.sparse else "not in the grid")
    if table.incomplete:
        handles.append(Patch(visible=False))
        words.append("(some seeds to come)")
    return handles, words


def legend_columns(entries: Entries, inches: float) -> int:
    """As many as fit into so many inches, and then as few as give the same number of rows."""
    count = len(entries[1])
    widest = max((len(word) for word in entries[1]), default=0)
    fit = max(1, int(inches / (0.42 + LETTER * widest)))
    return math.ceil(count / math.ceil(count / fit)) if count else 1


def legend_height(entries: Entries, columns: int) -> float:
    """The height of `legend` in inches, with the space above it."""
    return 0.08 + LEGEND_ROW * math.ceil(len(entries[1]) / columns) if entries[1] else 0.0


def legend(
    figure: Figure,
    entries: Entries,
    at: tuple[float, float],
    corner: Literal["upper left", "lower center"],
    columns: int = 1,
    **changes: Any,
) -> None:
    """The legend, with its corner at a place in inches. changes: to the usual lengths."""
    if not entries[0]:
        return
    width, height = figure.get_size_inches()
    usual = {"handlelength": 1.1, "columnspacing": 1.4}
    figure.legend(
        *entries,
        loc=corner,
        bbox_to_anchor=(at[0] / width, at[1] / height),
        ncols=columns,
        frameon=False,
        borderaxespad=0,
        borderpad=0,
        handleheight=1.0,
        handletextpad=0.5,
        labelspacing=0.45,
        handler_map={_Hatched: _HatchedHandler()},
        **(usual | changes),
    )


class _Hatched(Patch):
    """Stands for a hatched patch of the legend."""


class _HatchedHandler(HandlerPatch):
    """A patch of the legend with its hatch as lines; see `heat`."""

    def create_artists(self, *args: Any, **options: Any) -> list[Artist]:
        """The patch and the lines."""
        patch, *_ = super().create_artists(*args, **options)
        _, _, xdescent, ydescent, width, height, _, transform = args
        artists: list[Artist] = [patch]
        for offset in (-height / 2, 0.0, height / 2):
            x = np.array([max(0.0, -offset), min(width, height - offset)])
            y = x + offset - ydescent
            line = Line2D(x - xdescent, y, color=HATCH_GREY, lw=0.5, solid_capstyle="butt")
            line.set_transform(transform)
            artists.append(line)
        return artists
