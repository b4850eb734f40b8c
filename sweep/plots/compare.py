"""Theory, simulation, and how far apart they are in units of the statistical error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sweep.analysis import z_scores
from sweep.analysis.theory import Comparison
from sweep.analysis.z_scores import ANSWERS, AT_TARGET, TIME
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.models.parameters import Value, shown
from sweep.models.seeds import ABSENT
from sweep.models.status import DIVERGED, MISSING, REACHED
from sweep.ode.arrays import Floats
from sweep.plots.alignment import DIVERGING
from sweep.plots.edges import Scale, key
from sweep.plots.heat import heat
from sweep.plots.keys import Colouring, Entries, colour_bar, colouring_of, legend_entries, painted
from sweep.plots.labels import panel_name, quantity, symbol
from sweep.plots.page import FOOT, Page
from sweep.plots.picture import Choices, make_request
from sweep.plots.request import PictureRequest
from sweep.plots.style import INK, styled
from sweep.plots.table import Table, tabulate
from sweep.plots.ticks import linear_ticks, number_text

if TYPE_CHECKING:
    import pandas as pd

HEIGHT = 0.92  # of a panel, in widths
BAR, BAR_ROOM = 0.09, 0.46  # inches
MOST_ROWS = 8

# One colour for every unit of z from -5 to 5, and beyond; what is within ±2 is pale.
Z_COLOURS = (
    *("#6e2f02", "#9c4a08", "#d2802b", "#efdcc4", "#f6f1ea"),
    *("#ebf2f2", "#cfe5e6", "#5eb3bd", "#217a98", "#024a74"),
)

# What a cell without a difference looks like.
VERDICT_STATUS = {
    z_scores.SOME_DIVERGE: ABSENT,
    z_scores.DIVERGED: DIVERGED,
    z_scores.NO_SCATTER: REACHED,
}
DOT: dict[str, Any] = {"marker": "o", "markersize": 1.7, "color": INK, "markeredgewidth": 0}
CROSS: dict[str, Any] = {"marker": "x", "markersize": 3.4, "color": INK, "markeredgewidth": 0.7}

Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class _Apart:
    """The third column: its table, and which of the cells carry which mark."""

    table: Table
    by_end: Truths
    some_diverge: Truths
    colouring: Colouring
    name: str


@styled
def draw_comparison(
    pairs: pd.DataFrame, cells: pd.DataFrame, request: PictureRequest, theory: str, runs: str
) -> Figure:
    """A row of three panels for every value of the facet. Raises UsageError.

    pairs: the rows of the simulation with those of theory beside them. cells: the rows of
    `z_scores.judge`. theory, runs: what the first two panels are called. Where no cell has a z,
    for want of scatter, the third panel shows relative differences.
    """
    request = replace(request, value=request.value if request.value in ANSWERS[1:] else TIME)
    if request.is_matrix:
        raise UsageError(
            "a comparison has a row of panels for each value of one axis, its facet; name one as "
            "facet, and keep a value of the others, in [plot]"
        )
    for name, kept in request.where.items():
        if name in cells:
            cells = cells[cells[name].map(key).isin([key(value) for value in kept])]
    of_theory = {name: pairs[f"{name}_theory"] for name in ("status", request.value)}
    ideal, simulated = (
        tabulate(frame, request, request.y, request.facet)
        for frame in (pairs.assign(**of_theory), pairs)
    )
    _refuse(ideal, request)
    both = replace(
        ideal,
        values=np.concatenate([ideal.values, simulated.values]),
        status=np.concatenate([ideal.status, simulated.status]),
    )
    colouring = colouring_of(both, quantity(pairs, request, simulated), request)
    apart = _apart(cells, ideal, request)
    x, y = ideal.x_scale, ideal.y_scale
    page = Page(
        3 * len(ideal.facets),
        3,
        lambda width: HEIGHT * width,
        sides=(0.52, 0.12),
        gaps=(0.18, 0.3),
        heading=request.title,
        entries=_entries(both, apart),
        foot=FOOT + BAR_ROOM,
    )
    columns = (
        (theory, painted(ideal, colouring)),
        (runs, painted(simulated, colouring)),
        (apart.name, painted(apart.table, apart.colouring)),
    )
    for slot in range(page.count):
        row, column = divmod(slot, len(columns))
        name, rgba = columns[column]
        axes = page.panel(slot, boxed=True)
        heat(axes, x, y, rgba[row])
        if of_row := panel_name(ideal.facets[row], request):
            name = f"{of_row}, {name}"
        page.name(axes, slot, name)
        page.label(
            axes, slot, symbol(request.x, request), symbol(str(request.y), request), one_y=True
        )
        if column == len(columns) - 1:
            _mark(axes, apart.by_end[row], x, y, DOT)
            _mark(axes, apart.some_diverge[row], x, y, CROSS)
    _bars(page, colouring, apart.colouring)
    return page.figure


def _refuse(table: Table, request: PictureRequest) -> None:
    if request.y is None:
        raise UsageError("the picture needs two axes beside the seed; the table does without")
    if len(table.facets) > MOST_ROWS:
        raise UsageError(
            f"facet: {request.facet} has {len(table.facets)} values, at most {MOST_ROWS} fit; "
            "choose another facet in [plot]"
        )


def _apart(cells: pd.DataFrame, table: Table, request: PictureRequest) -> _Apart:
    """The judged cells in the order of the table."""
    at = _places(cells, table, request)

    def placed(column: Any, empty: Any) -> NDArray[Any]:
        out = np.full(table.values.shape, empty)
        out[at] = column
        return out

    verdict = cells["verdict"]
    judged = bool(np.isfinite(cells["z"]).any())
    values = placed(cells["z" if judged else "relative"], np.nan)
    colouring = _z_colours() if judged else _relative_colours(values)
    status = placed(verdict.map(VERDICT_STATUS).fillna(MISSING).astype(np.int8), np.int8(ABSENT))
    return _Apart(
        replace(
            table, values=np.clip(values, colouring.norm.vmin, colouring.norm.vmax), status=status
        ),
        placed(cells["judged_at"] != AT_TARGET, False) & ~np.isnan(values),
        placed(verdict == z_scores.SOME_DIVERGE, False),
        colouring,
        f"error: {'difference / s.e.' if judged else 'relative difference'}",
    )


def _places(
    cells: pd.DataFrame, table: Table, request: PictureRequest
) -> tuple[NDArray[np.int64], ...]:
    """For every judged cell its position among the table's facets, y and x."""
    places = []
    for name, keys in ((request.facet, table.facets), (request.y, table.y), (request.x, table.x)):
        column = [keys.index(key(entry)) for entry in cells[name]] if name else [0] * len(cells)
        places.append(np.array(column, dtype=np.int64))
    return tuple(places)


def _z_colours() -> Colouring:
    steps = np.arange(len(Z_COLOURS) + 1) - len(Z_COLOURS) // 2
    ticks = [float(step) for step in steps[1:-1]]
    words = [number_text(tick) for tick in ticks]
    norm = BoundaryNorm(steps, len(Z_COLOURS), clip=True)
    return Colouring(norm, ListedColormap(Z_COLOURS), "$z$ of simulation − theory", (ticks, words))


def _relative_colours(relative: Floats) -> Colouring:
    finite = np.abs(relative[np.isfinite(relative)])
    largest = float(finite.max(initial=0.0)) or 1.0
    ticks = linear_ticks(-largest, largest)
    words = [f"{number_text(100 * tick, 6)} %" for tick in ticks]
    norm = Normalize(-largest, largest)
    return Colouring(norm, DIVERGING, "simulation / theory − 1", (ticks, words))


def _mark(axes: Axes, where: Truths, x: Scale, y: Scale, mark: dict[str, Any]) -> None:
    rows, columns = np.nonzero(where)
    axes.plot(x.centres[columns], y.centres[rows], linestyle="none", **mark)


def _entries(both: Table, apart: _Apart) -> Entries:
    """The statuses of the first two panels, and the marks of the third."""
    handles, words = legend_entries(both)
    marks = (
        (apart.by_end, DOT, "judged in the last window"),
        (apart.some_diverge, CROSS, "some diverge"),
    )
    for where, mark, word in marks:
        if where.any():
            handles.append(Line2D([], [], linestyle="none", **mark))
            words.append(word)
    return handles, words


def _bars(page: Page, values: Colouring, apart: Colouring) -> None:
    """What the colours mean: below the first two columns, and below the third."""
    bottom = page.lattice.bottom - FOOT - BAR
    width, across = page.lattice.width, page.lattice.across
    inset = (2 * width + across) / 6
    first, third = page.lattice.corner(0)[0], page.lattice.corner(2)[0]
    for colouring, left, inches in (
        (values, first + inset, 4 * inset),
        (apart, third, width),
    ):
        cax = page.place(left, bottom, inches, BAR)
        colour_bar(page.figure, cax, colouring, "horizontal")


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
