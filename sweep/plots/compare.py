"""Theory, simulation, and how far apart they are in units of the statistical error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import BoundaryNorm, ListedColormap, Normalize, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sweep.analysis import z_scores
from sweep.analysis.theory import Comparison
from sweep.analysis.z_scores import ANSWERS, AT_TARGET, TIME
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.models.parameters import Value, shown
from sweep.models.status import Status
from sweep.ode.arrays import Floats, Truths
from sweep.plots.alignment import DIVERGING
from sweep.plots.colours import NO_VALUE, STATUS_COLOURS, paint
from sweep.plots.edges import Key, Scale, key
from sweep.plots.keys import (
    Colouring,
    Entries,
    colour_bar,
    colouring_of,
    hatch_ground,
    legend,
    legend_entries,
    legend_height,
)
from sweep.plots.labels import panel_name, quantity, setting, symbol, title
from sweep.plots.layout import Lattice
from sweep.plots.picture import Choices, make_request
from sweep.plots.request import PictureRequest
from sweep.plots.style import INK, style
from sweep.plots.table import Table, tabulate
from sweep.plots.ticks import linear_ticks, number, set_ticks, ticks_of

if TYPE_CHECKING:
    import pandas as pd

PAGE = 7.2  # lengths in inches
LEFT, RIGHT, ACROSS, BETWEEN = 0.52, 0.12, 0.18, 0.3
HEIGHT = 0.92  # of a panel, in widths
BAR, BAR_ROOM = 0.09, 0.46
MOST_ROWS = 8

# One colour for every unit of z from -5 to 5, and beyond; what is within ±2 is pale.
Z_COLOURS = (
    *("#6e2f02", "#9c4a08", "#d2802b", "#efdcc4", "#f6f1ea"),
    *("#ebf2f2", "#cfe5e6", "#5eb3bd", "#217a98", "#024a74"),
)

SOME_DIVERGE = "#ffffff"
VERDICT_COLOURS = {
    z_scores.SOME_DIVERGE: SOME_DIVERGE,
    z_scores.DIVERGED: STATUS_COLOURS[Status.DIVERGED],
    z_scores.NO_SCATTER: NO_VALUE,
}
DOT: dict[str, Any] = {"marker": "o", "markersize": 1.7, "color": INK, "markeredgewidth": 0}
CROSS: dict[str, Any] = {"marker": "x", "markersize": 3.4, "color": INK, "markeredgewidth": 0.7}


@dataclass(frozen=True)
class _Apart:
    """The third column: rgba (facets, y, x, 4), and which of its cells carry which mark."""

    rgba: Floats
    by_end: Truths
    some_diverge: Truths
    colouring: Colouring
    name: str


def draw_comparison(
    pairs: pd.DataFrame, cells: pd.DataFrame, request: PictureRequest, theory: str, runs: str
) -> Figure:
    """A row of three panels for every value of the facet. Raises UsageError.

    pairs: the rows of the simulation with those of theory beside them. cells: the rows of
    `z_scores.judge`. theory, runs: what the first two panels are called. Where no cell has a z,
    for want of scatter, the third panel shows relative differences.
    """
    request = replace(request, value=request.value if request.value in ANSWERS[1:] else TIME)
    of_theory = {name: pairs[f"{name}_theory"] for name in ("status", request.value)}
    tables = [
        tabulate(frame, request, request.y, request.facet)
        for frame in (pairs.assign(**of_theory), pairs)
    ]
    _refuse(tables[0], request)
    both = replace(tables[0], values=np.concatenate([table.values for table in tables]))
    colouring = colouring_of(both, quantity(pairs, request, tables[1]))
    apart = _apart(cells, tables[0], request)
    entries = _entries(tables, apart)
    with style():
        lattice = _lattice(len(tables[0].facets), entries, titled=bool(request.title))
        figure = Figure(figsize=lattice.size)
        painted = [paint(t.values, t.status, colouring.norm, colouring.cmap) for t in tables]
        named = zip((theory, runs, apart.name), (*painted, apart.rgba), strict=True)
        for column, (name, rgba) in enumerate(named):
            _column(figure, lattice, column, rgba, name, tables[0], request)
        x, y = tables[0].x_scale, tables[0].y_scale
        for axes, by_end, some_diverge in zip(
            figure.axes[-lattice.rows :], apart.by_end, apart.some_diverge, strict=True
        ):
            _mark(axes, by_end, x, y, DOT)
            _mark(axes, some_diverge, x, y, CROSS)
        _bars(figure, lattice, colouring, apart.colouring, legend_height(entries, PAGE))
        legend(figure, entries, lattice.size[0] / 2, 0.06, PAGE)
        title(figure, request.title)
        FigureCanvasAgg(figure)
    return figure


def _refuse(table: Table, request: PictureRequest) -> None:
    if request.y is None:
        raise UsageError("the picture needs two axes beside the seed; the table does without")
    if len(table.facets) > MOST_ROWS:
        raise UsageError(
            f"facet: {request.facet} has {len(table.facets)} values, at most {MOST_ROWS} fit; "
            "choose another facet in [plot]"
        )


def _lattice(rows: int, entries: Entries, *, titled: bool) -> Lattice:
    width = (PAGE - LEFT - RIGHT - 2 * ACROSS) / 3
    return Lattice(
        rows=rows,
        columns=3,
        width=width,
        height=HEIGHT * width,
        left=LEFT,
        right=RIGHT,
        top=0.24 + 0.26 * titled,
        bottom=0.42 + BAR_ROOM + legend_height(entries, PAGE),
        across=ACROSS,
        between=BETWEEN,
    )


def _apart(cells: pd.DataFrame, table: Table, request: PictureRequest) -> _Apart:
    """The judged cells in the order of the table."""
    at = _places(cells, table, request)
    shape = table.values.shape
    z, relative = np.full(shape, np.nan), np.full(shape, np.nan)
    verdict = np.full(shape, z_scores.MISSING, dtype=object)
    by_end = np.zeros(shape, dtype=np.bool_)
    z[at], relative[at] = cells["z"], cells["relative"]
    verdict[at], by_end[at] = cells["verdict"], cells["judged_at"] != AT_TARGET
    judged = bool(np.isfinite(z).any())
    values, colouring = (z, _z_colours()) if judged else (relative, _relative_colours(relative))
    rgba = np.zeros((*shape, 4))
    for word, colour in VERDICT_COLOURS.items():
        rgba[verdict == word] = to_rgba(colour)
    valued = ~np.isnan(values)
    rgba[valued] = colouring.cmap(colouring.norm(np.clip(values[valued], *_limits(colouring))))
    name = f"error: {'difference / s.e.' if judged else 'relative difference'}"
    return _Apart(rgba, by_end & valued, verdict == z_scores.SOME_DIVERGE, colouring, name)


def _places(
    cells: pd.DataFrame, table: Table, request: PictureRequest
) -> tuple[NDArray[np.int64], ...]:
    """For every judged cell its position among the table's facets, y and x."""
    places = []
    for name, keys in ((request.facet, table.facets), (request.y, table.y), (request.x, table.x)):
        position: dict[Key, int] = {k: i for i, k in enumerate(keys)}
        column = [position[key(entry)] for entry in cells[name]] if name else [0] * len(cells)
        places.append(np.array(column, dtype=np.int64))
    return tuple(places)


def _z_colours() -> Colouring:
    steps = np.arange(len(Z_COLOURS) + 1) - len(Z_COLOURS) // 2
    ticks = [float(step) for step in steps[1:-1]]
    words = [number(tick) for tick in ticks]
    norm = BoundaryNorm(steps, len(Z_COLOURS))
    return Colouring(norm, ListedColormap(Z_COLOURS), "$z$ of simulation − theory", (ticks, words))


def _relative_colours(relative: Floats) -> Colouring:
    finite = np.abs(relative[np.isfinite(relative)])
    largest = float(finite.max(initial=0.0)) or 1.0
    ticks = linear_ticks(-largest, largest)
    words = [f"{number(100 * tick, 6)} %" for tick in ticks]
    norm = Normalize(-largest, largest)
    return Colouring(norm, DIVERGING, "simulation / theory − 1", (ticks, words))


def _limits(colouring: Colouring) -> tuple[float, float]:
    """The range of values with a colour; a step's upper end belongs to the next step."""
    low, high = float(colouring.norm.vmin or 0.0), float(colouring.norm.vmax or 0.0)
    return low, float(np.nextafter(high, low))


def _column(
    figure: Figure,
    lattice: Lattice,
    column: int,
    rgba: Floats,
    name: str,
    table: Table,
    request: PictureRequest,
) -> None:
    """The panels below one another."""
    x, y = table.x_scale, table.y_scale
    for row, facet in enumerate(table.facets):
        slot = lattice.columns * row + column
        axes = lattice.place(figure, *lattice.corner(slot), lattice.width, lattice.height)
        _panel(axes, rgba[row], x, y)
        set_ticks(axes.xaxis, *ticks_of(x, lattice.width, upright=False))
        set_ticks(axes.yaxis, *ticks_of(y, lattice.height, upright=True))
        axes.tick_params(labelleft=column == 0, labelbottom=row == lattice.rows - 1)
        if column == 0:
            axes.set_ylabel(symbol(str(request.y), request))
        if row == lattice.rows - 1:
            axes.set_xlabel(symbol(request.x, request))
        place = f"{setting(request.facet, facet, request)}, " if request.facet else ""
        panel_name(axes, slot, lattice.rows * lattice.columns, place + name)


def _panel(axes: Axes, rgba: Floats, x: Scale, y: Scale) -> None:
    if np.any(rgba[..., 3] == 0):
        hatch_ground(axes)
    axes.set_xscale("log" if x.spacing == "log" else "linear")
    axes.set_yscale("log" if y.spacing == "log" else "linear")
    axes.pcolormesh(x.edges, y.edges, rgba, rasterized=True, antialiased=False, linewidth=0)
    axes.set_xlim(x.edges[0], x.edges[-1])
    axes.set_ylim(y.edges[0], y.edges[-1])


def _mark(axes: Axes, where: Truths, x: Scale, y: Scale, mark: dict[str, Any]) -> None:
    rows, columns = np.nonzero(where)
    axes.plot(x.centres[columns], y.centres[rows], linestyle="none", **mark)


def _entries(tables: list[Table], apart: _Apart) -> Entries:
    """The statuses of both panels, and the marks of the third."""
    status = np.concatenate([table.status for table in tables])
    values = np.concatenate([table.values for table in tables])
    handles, words = legend_entries(replace(tables[0], status=status, values=values))
    marks = [
        (apart.by_end, DOT, "judged in the last window"),
        (apart.some_diverge, CROSS, "some diverge"),
    ]
    for where, mark, word in marks:
        if where.any():
            handles.append(Line2D([], [], linestyle="none", **mark))
            words.append(word)
    return handles, words


def _bars(
    figure: Figure, lattice: Lattice, values: Colouring, apart: Colouring, beneath: float
) -> None:
    """What the colours mean: below the first two columns, and below the third."""
    bottom = beneath + BAR_ROOM - BAR
    first, _ = lattice.corner(0)
    third, _ = lattice.corner(2)
    width = 2 * lattice.width + lattice.across
    inset = width / 6
    for colouring, left, inches in (
        (values, first + inset, width - 2 * inset),
        (apart, third, lattice.width),
    ):
        cax = lattice.place(figure, left, bottom, inches, BAR)
        colour_bar(figure, cax, colouring, "horizontal")


def comparison_picture(comparison: Comparison) -> Figure:
    """Both panels, and z. Raises UsageError."""
    simulated, ideal = comparison.simulated, comparison.ideal
    request = make_request(simulated, Choices())
    theory = f"theory{_settings(ideal, ('P', 'V'))}"
    runs = f"simulation{_settings(simulated, ('N',))}"
    return draw_comparison(comparison.pairs, comparison.cells, request, theory, runs)


def _settings(grid: Grid, names: Sequence[str]) -> str:
    """Such as ", P = V = 100", of those of the parameters that have one value."""
    values: dict[str, list[str]] = {}
    for name in names:
        if name in grid.fixed:
            values.setdefault(_as_words(grid.fixed[name]), []).append(f"${name}$")
    return "".join(f", {' = '.join(same)} = {value}" for value, same in values.items())


def _as_words(value: Value) -> str:
    return "∞" if value == math.inf else shown(value)
