"""The courses of single cells: a panel for everything that a course holds, against time.

Several cells stand side by side, a column each, with the same height scale in a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from sweep.analysis.trajectory import Courses
from sweep.models.base import Model, Series, Trace
from sweep.models.parameters import Value
from sweep.ode.arrays import Floats
from sweep.plots.colours import DISTINCT, SEQUENTIAL
from sweep.plots.direct import spread
from sweep.plots.edges import key
from sweep.plots.labels import as_math, letter, title
from sweep.plots.layout import Lattice
from sweep.plots.style import FAINT, INK, SMALL, style
from sweep.plots.ticks import linear_ticks, log_ticks, number, numbers, set_ticks, words

Range = tuple[float, float]
RGBA = tuple[float, float, float, float]

ERROR = "error"
"""The series that meets the target."""

PAGE = 7.2  # lengths in inches
WIDEST, HEIGHT = 2.75, 1.3
LEFT, RIGHT, ACROSS, BETWEEN = 0.62, 0.52, 0.62, 0.16
BOTTOM = 0.5
PAD = 0.06
ROOM = 0.75  # a crossing earlier than this part of the window has room at its right
MOST_NAMES = 10  # in one panel
SMALL_END, CROWDED_END = 0.02, 0.15  # curves that end so near zero, in panel heights, have no name


@dataclass(frozen=True)
class Case:
    """One column of the picture.

    name: such as "$\\eta_w$ = 3". crossing: the time at which the error meets the target, None
    where it does not.
    """

    name: str
    trace: Trace
    target_error: float
    crossing: float | None = None


@dataclass(frozen=True)
class _Curve:
    """One line of a panel, and the indices that name it."""

    heights: Floats
    indices: tuple[int, ...]
    colour: RGBA
    width: float = 1.1

    def end(self) -> float:
        return float(self.heights[-1])


@dataclass(frozen=True)
class Row:
    """A series that a row of panels shows, with the curves of every case, and its targets."""

    symbol: str
    series: Series
    curves: list[list[_Curve]]
    targets: list[float]

    @property
    def label(self) -> str:
        """Such as "$R_{kn}$"."""
        indices = self.series.indices
        return as_math(f"{self.symbol}_{{{indices}}}" if indices else self.symbol)

    def entry(self, indices: tuple[int, ...]) -> str:
        """The name of a curve, such as "$R_{12}$"; its indices where the symbol is a word."""
        text = ("" if max(indices) < 10 else ",").join(map(str, indices))
        if not as_math(self.symbol).startswith("$"):
            return text
        symbol = f"{{{self.symbol}}}" if "_" in self.symbol else self.symbol
        return rf"${symbol.strip('$')}_{{{text}}}$"

    def limits(self) -> Range:
        """The range of all curves of the row, padded."""
        curves = [curve.heights for curves in self.curves for curve in curves]
        heights = np.concatenate([*curves, self.targets])
        finite = heights[np.isfinite(heights)]
        return _log_range(finite[finite > 0]) if self.series.log else _range(finite)


def draw(model: Model, courses: Courses) -> Figure:
    """Everything that the courses hold."""
    cases = cases_of(model, courses)
    return draw_courses(cases, model.series, heading(model, courses), model.time_symbol)


def draw_courses(
    cases: Sequence[Case],
    series: Mapping[str, Series],
    figure_title: str = "",
    time_symbol: str = r"\alpha",
) -> Figure:
    """One column a case, one row of panels a series."""
    rows = rows_of(cases, series)
    with style():
        lattice = lattice_of(len(rows), len(cases), figure_title)
        figure = Figure(figsize=lattice.size)
        for column in range(len(cases)):
            draw_column(figure, lattice, cases, rows, column, time_symbol)
        title(figure, figure_title)
        FigureCanvasAgg(figure)
    return figure


def cases_of(model: Model, courses: Courses) -> list[Case]:
    """A column for each of the courses, named by what tells it apart."""
    cases = []
    for look, trace in zip(courses.looks, courses.traces, strict=True):
        target = look.cell.get("target_error", 0.0)
        assert isinstance(target, int | float)
        cases.append(Case(_in_symbols(model, look.apart), trace, target, look.crossing))
    return cases


def heading(model: Model, courses: Courses) -> str:
    """The title: what all cells share."""
    return _in_symbols(model, courses.shared, a_line=min(5 * len(courses.looks), 10))


def _in_symbols(model: Model, named: Mapping[str, Value], a_line: int = 100) -> str:
    """Such as "$K$ = 3, $V$ = 100", so many to a line."""
    symbols = {p.name: p.symbol or p.name.replace("_", " ") for p in model.parameters}
    texts = [f"{as_math(symbols[name])} = {words(key(value))}" for name, value in named.items()]
    lines = [texts[i : i + a_line] for i in range(0, len(texts), a_line)]
    return ",\n".join(", ".join(line) for line in lines)


def rows_of(cases: Sequence[Case], series: Mapping[str, Series]) -> list[Row]:
    """A row for every series of the courses: those declared, in their order, then the others."""
    held = dict.fromkeys(name for case in cases for name in case.trace.series)
    order = [*(name for name in series if name in held), *(n for n in held if n not in series)]
    return [_row(cases, name, series.get(name, Series())) for name in order]


def _row(cases: Sequence[Case], name: str, series: Series) -> Row:
    return Row(
        series.symbol or name.replace("_", " "),
        series,
        [_curves(case.trace.series[name], series) for case in cases],
        [case.target_error for case in cases] if name == ERROR else [],
    )


def _curves(values: Floats, series: Series) -> list[_Curve]:
    """A number is one curve; an entry has the colour of its last index."""
    if values.ndim == 1:
        return [_Curve(values, (), to_rgba(DISTINCT[0]), 1.3)]
    if series.symmetric:
        return _symmetric_curves(values)
    colours = unit_colours(values.shape[-1])
    return [
        _Curve(values[:, *place], tuple(i + 1 for i in place), colours[place[-1]])
        for place in np.ndindex(values.shape[1:])
    ]


def _symmetric_curves(values: Floats) -> list[_Curve]:
    """The diagonal in shades, and what is above it thin and grey."""
    K = values.shape[1]
    shades = SEQUENTIAL(np.linspace(0.3, 1.0, K))
    pairs = [(k, l) for k in range(K) for l in range(k, K)]
    return [
        _Curve(
            values[:, k, l],
            (k + 1, l + 1),
            tuple(shades[k]) if k == l else to_rgba("#9a9a9a"),
            1.1 if k == l else 0.7,
        )
        for k, l in pairs
    ]


def unit_colours(count: int) -> list[RGBA]:
    """As different as so many colours can be."""
    if count <= len(DISTINCT):
        return [to_rgba(c) for c in DISTINCT[:count]]
    return [tuple(c) for c in SEQUENTIAL(np.linspace(0.1, 1.0, count))]


def _log_range(positive: Floats) -> Range:
    if not positive.size:
        return 0.1, 1.0
    low, high = float(positive.min()), float(positive.max())
    pad = (high / low) ** PAD if high > low else 2.0
    return low / pad, high * pad


def _range(finite: Floats) -> Range:
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    pad = PAD * (high - low) or 1.0
    return low - pad, high + pad


def lattice_of(rows: int, columns: int, figure_title: str, below: float = 0.0) -> Lattice:
    """The panels of the courses, with some inches left below them."""
    title_lines = len(figure_title.splitlines())
    width = min(WIDEST, (PAGE - LEFT - RIGHT - (columns - 1) * ACROSS) / columns)
    return Lattice(
        rows=rows,
        columns=columns,
        width=max(1.1, width),
        height=HEIGHT,
        left=LEFT,
        right=RIGHT,
        top=0.26 + (0.1 + 0.16 * title_lines if title_lines else 0.0),
        bottom=BOTTOM + below,
        across=ACROSS,
        between=BETWEEN,
    )


def draw_column(
    figure: Figure,
    lattice: Lattice,
    cases: Sequence[Case],
    rows: Sequence[Row],
    column: int,
    time_symbol: str,
) -> None:
    """The panels of one case, with its name on top."""
    case = cases[column]
    panels = []
    for place, row in enumerate(rows):
        axes = _panel(figure, lattice, place, column)
        _draw_row(axes, row, case, column, time_symbol)
        panels.append(axes)
    name = f"({letter(column)}) {case.name}" if len(cases) > 1 else case.name
    panels[0].set_title(name, loc="left", pad=4)
    _time_axis(panels, case.trace.time, time_symbol)
    if column == 0:
        for axes, row in zip(panels, rows, strict=True):
            axes.set_ylabel(row.label)
            axes.yaxis.set_label_coords(-0.42 / lattice.width, 0.5)


def _panel(figure: Figure, lattice: Lattice, row: int, column: int) -> Axes:
    corner = lattice.corner(row * lattice.columns + column)
    axes = lattice.place(figure, *corner, lattice.width, lattice.height)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _draw_row(axes: Axes, row: Row, case: Case, column: int, time_symbol: str) -> None:
    limits = row.limits()
    for curve in row.curves[column]:
        axes.plot(case.trace.time, curve.heights, color=curve.colour, linewidth=curve.width)
    if row.targets:
        _target(axes, case, time_symbol)
    if row.series.log:
        axes.set_yscale("log")
    else:
        axes.axhline(0.0, color=FAINT, linewidth=0.4, zorder=1)
    axes.set_ylim(limits)
    ticks = log_ticks(*limits) if row.series.log else linear_ticks(*limits)
    set_ticks(axes.yaxis, ticks, numbers(ticks))
    _name_curves(axes, row, row.curves[column], limits)


def _target(axes: Axes, case: Case, time_symbol: str) -> None:
    """The target as a line, and a ring where the error meets it."""
    if case.target_error > 0:
        axes.axhline(case.target_error, color=FAINT, linewidth=0.7, dashes=(4, 3), zorder=1)
    if case.crossing is not None:
        early = case.crossing < ROOM * case.trace.time[-1]
        _mark_crossing(axes, case.crossing, case.target_error, time_symbol, early=early)


def _mark_crossing(
    axes: Axes, time: float, target: float, time_symbol: str, *, early: bool
) -> None:
    """A ring and the time; to its left where there is no room at its right."""
    symbol = as_math(time_symbol)
    symbol = rf"$\tilde{{{symbol.strip('$')}}}$" if "$" in symbol else symbol
    axes.plot([time], [target], marker="o", markersize=4, mfc="white", mec=INK, mew=0.8)
    axes.annotate(
        f"{symbol} = {number(time, 4)}",
        (time, target),
        xytext=(3, 5) if early else (-2, 5),
        ha="left" if early else "right",
        textcoords="offset points",
        size=SMALL,
        color=INK,
    )


def _name_curves(axes: Axes, row: Row, curves: Sequence[_Curve], limits: Range) -> None:
    """The curves' indices at their right ends; the largest ones where there are many.

    Curves that end on one another near zero have no names, which would push each other away.
    """
    named = [curve for curve in curves if curve.indices and _has_place(curve, row.series)]
    if not named:
        return
    low, high = limits
    named.sort(key=lambda c: -abs(c.end()))
    if not row.series.log:
        near_zero = CROWDED_END if len(named) > MOST_NAMES else SMALL_END
        named = [c for c in named if abs(c.end()) > near_zero * (high - low)]
    named = named[:MOST_NAMES]
    ends = [_height(curve.end(), limits, log=row.series.log) for curve in named]
    places = spread(ends, (SMALL + 1.2) / 72 / HEIGHT, 0.02, 1.0)
    for curve, height in zip(named, places, strict=True):
        axes.annotate(
            row.entry(curve.indices),
            (1.0, float(height)),
            xycoords="axes fraction",
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            size=SMALL,
            color=curve.colour,
            annotation_clip=False,
        )


def _has_place(curve: _Curve, series: Series) -> bool:
    return bool(np.isfinite(curve.end())) and (curve.end() > 0 or not series.log)


def _height(value: float, limits: Range, *, log: bool) -> float:
    """Where a value stands in a panel, from 0 at the bottom to 1 at the top."""
    low, high = limits
    if log:
        low, high, value = np.log(low), np.log(high), np.log(value)
    return float((value - low) / (high - low))


def _time_axis(panels: Sequence[Axes], time: Floats, time_symbol: str) -> None:
    """One time axis for the panels of a column, written below the last of them."""
    start, end = float(time[0]), float(time[-1])
    end = end if end > start else start + 1.0
    ticks = linear_ticks(start, end)
    for axes in panels:
        axes.set_xlim(start, end)
        set_ticks(axes.xaxis, ticks, numbers(ticks))
        axes.tick_params(labelbottom=axes is panels[-1])
    panels[-1].set_xlabel(as_math(time_symbol))
