"""Lines: a value against one axis, a line for every value of a second, a panel of a third.

A point without a value (not reached, diverged, …) is no point of its line. It shows in the strip
above the panel, which has a row for every line: the line's colour where it has a value, the
status's colour where not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize, to_rgba
from matplotlib.figure import Figure

from sweep.errors import UsageError
from sweep.ode.arrays import Floats
from sweep.plots.bands import band_patch, draw_bands, heights_of, meaning_of_band
from sweep.plots.colours import SEQUENTIAL, Colour, norm_of, of_lines, status_rgba
from sweep.plots.direct import End, label_ends
from sweep.plots.edges import Scale, names, padded
from sweep.plots.heat import heat
from sweep.plots.keys import Colouring, Entries, legend_entries
from sweep.plots.labels import heading, panel_name, quantity, symbol, target_of
from sweep.plots.letters import key_of
from sweep.plots.page import NAME, Page, beside, panel_width, room_beside
from sweep.plots.panels import arranged, most_columns, name_matrix
from sweep.plots.places import panel_of, shows
from sweep.plots.request import PictureRequest
from sweep.plots.style import FAINT, SMALL
from sweep.plots.table import Table, tabulate
from sweep.plots.ticks import lay_along, lettered, round_ticks, set_ticks, ticks_of

if TYPE_CHECKING:
    import pandas as pd

# lengths in inches
MOST_COLUMNS = 3
WIDEST, NARROWEST, LOWEST, HEIGHT = 4.4, 1.2, 1.3, 0.68
ACROSS = 0.5
ENDS = 0.6  # what labels at the ends of lines take at the right
STRIP_ROW, UNNAMED_STRIP, GAP = 0.09, 0.6, 0.04
LONGEST_END = 10  # letters at the end of a line
MOST_LABELS = 12  # more lines than this are told apart by a colour bar
MARKED_POINTS = 70  # lines of more points need no markers
PAD = 0.05


def lines(frame: pd.DataFrame, request: PictureRequest) -> Figure:
    """The picture of `request`, which has no y. Raises UsageError."""
    table = lines_table(frame, request)
    series = symbol(request.series, request) if request.series is not None else ""
    named = len(table.y) <= MOST_LABELS
    x = table.x_scale
    strip = _strip_height(table)
    drawn = quantity(frame, request, table)
    page = _page(table, strip, request, drawn)
    told = beside(drawn, page.lattice.height - strip)
    for slot, facet in enumerate(table.facets):
        if slot in page.blank:
            continue
        axes = top = page.panel(slot, above=strip)
        lay_along(axes, x, "x")
        _heights(
            axes, table, request
        )  # before the lines, to which matplotlib fits an axis without limits
        draw_bands(axes, table, slot, x, line_colours(table.y_scale))
        _lines(axes, table.values[slot], x, table.y_scale)
        shows(axes, panel_of(request, table, slot))
        _level(axes, frame, request)
        if strip:
            top = page.panel(slot, below=page.lattice.height - strip + GAP, boxed=True)
            _strip(top, table, slot, x)
        if series and named:
            label_ends(axes, _ends(table.values[slot], table.y_scale, x), series)
        page.name(top, slot, panel_name(facet, request))
        page.label(axes, slot, symbol(request.x, request), told)
    name_matrix(page, table, request, NAME - 0.04, ENDS if series and named else 0.0)
    if series and not named:
        page.bar_at_right(_bar(table, series, page.height))
    return page.figure


def lines_table(frame: pd.DataFrame, request: PictureRequest) -> Table:
    """What `lines` draws. Raises UsageError."""
    table = tabulate(frame, request, request.series, request.facet)
    if table.is_status:
        raise UsageError("value: status needs two axes, x and y; or choose a column of numbers")
    return table


def line_colours(along: Scale) -> list[Colour]:
    """Numbers get colours in order, from light to dark; a few words get distinct ones.

    So many lines that a colour bar tells them apart have the colours of that bar.
    """
    keys = along.keys
    if len(keys) > MOST_LABELS:
        return [to_rgba(c) for c in SEQUENTIAL(_bar_norm(along)(along.centres))]
    return of_lines(len(keys), ordered=all(isinstance(k, float) for k in keys))


def _bar_norm(along: Scale) -> Normalize:
    """The norm of the bar that tells lines apart."""
    kind = LogNorm if along.spacing == "log" else Normalize
    return kind(float(along.centres[0]), float(along.centres[-1]))


def _page(table: Table, strip: float, request: PictureRequest, drawn: str) -> Page:
    count = len(table.facets)
    sides = (0.62, ENDS if len(table.y) <= MOST_LABELS else 0.78)
    room = most_columns(request, sides, ACROSS, NARROWEST)
    arrangement = arranged(table, min(MOST_COLUMNS, room))
    right = sides[1] + arrangement.right
    width = panel_width(
        arrangement.columns, (sides[0], right), ACROSS, request.width, NARROWEST, WIDEST
    )
    left = sides[0] + room_beside(drawn, max(LOWEST, HEIGHT * width))
    named = count > 1 or request.facet is not None or arrangement.head > 0
    return Page(
        count,
        arrangement.columns,
        lambda width: max(LOWEST, HEIGHT * width) + strip,
        sides=(left, right),
        gaps=(ACROSS, 0.5),
        heading=heading(request, drawn),
        entries=_entries(table, request),
        head=arrangement.head + (NAME if named else 0.1),
        narrowest=NARROWEST,
        widest=WIDEST,
        width=request.width,
        blank=arrangement.blank,
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
        finite = x.finite
        axes.plot(x.centres[:finite], row[:finite], color=colour, marker=marker, markersize=2.2)
        if x.gap is not None:
            axes.plot(x.centres[finite:], row[finite:], color=colour, marker="o", markersize=2.2)


def _entries(table: Table, request: PictureRequest) -> Entries:
    """The statuses in the strips, and what the bands are."""
    handles, names = legend_entries(table) if table.present() else ([], [])
    if request.series is not None and len(table.y) <= MOST_LABELS:
        more, meanings = key_of(table.y, symbol(request.series, request), LONGEST_END)
        handles, names = [*handles, *more], [*names, *meanings]
    if table.band is None:
        return handles, names
    return [*handles, band_patch()], [*names, meaning_of_band(request)]


def _heights(axes: Axes, table: Table, request: PictureRequest) -> None:
    """The y axis, the same in all panels."""
    told = request.limits is not None or request.scale is not None
    norm = (
        Normalize(*table.within)
        if table.within and not told
        else norm_of(heights_of(table), request.limits, request.scale)
    )
    logarithmic = isinstance(norm, LogNorm)
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 1.0)
    if request.limits is None:
        low, high = padded(low, high, PAD, logarithmic=logarithmic)
    if logarithmic:
        axes.set_yscale("log")
    axes.set_ylim(low, high)
    if table.categories:
        set_ticks(axes.yaxis, range(len(table.categories)), table.categories)
    else:
        round_ticks(axes.yaxis, low, high, logarithmic=logarithmic)
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


def _ends(values: Floats, along: Scale, x: Scale) -> list[End]:
    """The last point of every line that has any; at the right of the panel for the last x."""
    ends = []
    labels = lettered(along.keys, LONGEST_END)
    for row, label, colour in zip(values, labels, line_colours(along), strict=True):
        points = np.flatnonzero(np.isfinite(row))
        if points.size:
            last = points[-1]
            place = float(x.centres[last]) if last < len(row) - 1 else None
            ends.append(End(label, float(row[last]), colour, place))
    return ends


def _strip(axes: Axes, table: Table, slot: int, x: Scale) -> None:
    """A row for every line: in its colour where it has a value, in the status's where not."""
    values, count = table.values[slot], len(table.y)
    colours = line_colours(table.y_scale)
    rgba = status_rgba()[table.status[slot]]
    valued = np.isfinite(values)
    rgba[valued] = np.asarray(colours)[np.nonzero(valued)[0]]
    rows = names(table.y)
    heat(axes, x, rows, rgba)
    set_ticks(axes.xaxis, [], [])
    set_ticks(axes.yaxis, [], [])
    if 1 < count <= MOST_LABELS:
        axes.hlines(rows.edges[1:-1], x.edges[0], x.edges[-1], color="white", linewidth=0.6)
        set_ticks(axes.yaxis, rows.centres.tolist(), lettered(table.y, LONGEST_END))
        axes.tick_params(axis="y", length=0, labelsize=SMALL - 1.5)
        for label, colour in zip(axes.get_yticklabels(), colours, strict=True):
            label.set_color(colour)


def _bar(table: Table, series: str, inches: float) -> Colouring:
    """What tells lines apart that are too many to be named."""
    along = table.y_scale
    ticks = ticks_of(along, inches, upright=True)
    return Colouring(_bar_norm(along), SEQUENTIAL, series, ticks)
