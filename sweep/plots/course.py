"""The courses of single cells: a panel for everything that a course holds, against time.

Several cells stand side by side, a column each, with the same height scale in a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from sweep.analysis.trajectory import Courses
from sweep.models.base import Model, Series, Trace
from sweep.models.parameters import Value
from sweep.ode.arrays import Floats
from sweep.plots.colours import DISTINCT, SEQUENTIAL, Colour, of_lines
from sweep.plots.direct import End, label_ends, mark
from sweep.plots.edges import key, padded
from sweep.plots.labels import NO_BREAK, as_math, letter
from sweep.plots.page import FOOT, Page
from sweep.plots.style import FAINT, styled
from sweep.plots.ticks import number_text, round_ticks, words

Range = tuple[float, float]

ERROR = "error"
"""The series that meets the target."""

NARROWEST, WIDEST, HEIGHT = 1.1, 2.75, 1.3  # inches
PAD = 0.06
LONGEST_MATRIX = 24  # letters
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
    colour: Colour
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


@styled
def draw_courses(
    cases: Sequence[Case],
    series: Mapping[str, Series],
    figure_title: str = "",
    time_symbol: str = r"\alpha",
) -> Figure:
    """One column a case, one row of panels a series."""
    rows = rows_of(cases, series)
    page = page_of(len(rows), len(cases), figure_title)
    for column in range(len(cases)):
        draw_column(page, cases, rows, column, time_symbol)
    return page.figure


def cases_of(model: Model, courses: Courses) -> list[Case]:
    """A column for each of the courses, named by what tells it apart."""
    cases = []
    for look, trace in zip(courses.looks, courses.traces, strict=True):
        target = look.cell.get("target_error", 0.0)
        assert isinstance(target, int | float)
        cases.append(Case(_in_symbols(model, look.apart), trace, target, look.crossing))
    return cases


def heading(model: Model, courses: Courses) -> str:
    """The title: what all cells share; a line breaks between two parameters."""
    return ", ".join(text.replace(" ", NO_BREAK) for text in _texts(model, courses.shared))


def _in_symbols(model: Model, named: Mapping[str, Value]) -> str:
    """Such as "$K$ = 3, $V$ = 100"."""
    return ", ".join(_texts(model, named))


def _texts(model: Model, named: Mapping[str, Value]) -> list[str]:
    symbols = {p.name: p.symbol or p.name.replace("_", " ") for p in model.parameters}
    return [f"{as_math(symbols[name])} = {_words(value)}" for name, value in named.items()]


def _words(value: Value) -> str:
    """A value; a matrix that has no room by its shape."""
    text = words(key(value), LONGEST_MATRIX)
    if not isinstance(value, tuple) or not text.endswith("…"):
        return text
    return f"{len(value)} × {len(value[0])} matrix"


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
    colours = of_lines(values.shape[-1])
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


def _log_range(positive: Floats) -> Range:
    if not positive.size:
        return 0.1, 1.0
    return padded(float(positive.min()), float(positive.max()), PAD, logarithmic=True)


def _range(finite: Floats) -> Range:
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    return padded(low, high, PAD, logarithmic=False)


def page_of(rows: int, columns: int, figure_title: str, below: float = 0.0) -> Page:
    """The panels of the courses, with some inches left below them."""
    return Page(
        rows * columns,
        columns,
        lambda _: HEIGHT,
        sides=(0.62, 0.52),
        gaps=(0.62, 0.16),
        heading=figure_title,
        foot=FOOT + below,
        narrowest=NARROWEST,
        widest=WIDEST,
    )


def draw_column(
    page: Page, cases: Sequence[Case], rows: Sequence[Row], column: int, time_symbol: str
) -> None:
    """The panels of one case, with its name on top."""
    case, time = cases[column], cases[column].trace.time
    end = float(time[-1]) if time[-1] > time[0] else float(time[0]) + 1.0
    for place, row in enumerate(rows):
        slot = place * len(cases) + column
        axes = page.panel(slot)
        axes.set_xlim(float(time[0]), end)
        round_ticks(axes.xaxis, float(time[0]), end)
        _draw_row(axes, row, case, column, time_symbol)
        page.label(axes, slot, as_math(time_symbol), row.label)
        axes.yaxis.set_label_coords(-0.42 / page.lattice.width, 0.5)
        if place == 0:
            name = f"({letter(column)}) {case.name}" if len(cases) > 1 else case.name
            axes.set_title(name, loc="left", pad=4)


def _draw_row(axes: Axes, row: Row, case: Case, column: int, time_symbol: str) -> None:
    limits = row.limits()
    if row.series.log:
        axes.set_yscale("log")
    axes.set_ylim(limits)  # before the curves, to which matplotlib fits an axis without limits
    for curve in row.curves[column]:
        axes.plot(case.trace.time, curve.heights, color=curve.colour, linewidth=curve.width)
    if not row.series.log:
        axes.axhline(0.0, color=FAINT, linewidth=0.4, zorder=1)
    round_ticks(axes.yaxis, *limits, logarithmic=row.series.log)
    if row.targets:
        _target(axes, case, time_symbol)
    _name_curves(axes, row, row.curves[column], limits)


def _target(axes: Axes, case: Case, time_symbol: str) -> None:
    """The target as a line, and a ring where the error meets it."""
    if case.target_error > 0:
        axes.axhline(case.target_error, color=FAINT, linewidth=0.7, dashes=(4, 3), zorder=1)
    if case.crossing is not None:
        symbol = as_math(time_symbol)
        symbol = rf"$\tilde{{{symbol.strip('$')}}}$" if "$" in symbol else symbol
        mark(axes, case.crossing, case.target_error, f"{symbol} = {number_text(case.crossing, 4)}")


def _name_curves(axes: Axes, row: Row, curves: Sequence[_Curve], limits: Range) -> None:
    """The curves' indices at their right ends; the largest ones where there are many.

    Curves that end on one another near zero have no names, which would push each other away.
    """
    named = [curve for curve in curves if curve.indices and _has_place(curve, row.series)]
    low, high = limits
    named.sort(key=lambda c: -abs(c.end()))
    if not row.series.log:
        near_zero = CROWDED_END if len(named) > MOST_NAMES else SMALL_END
        named = [c for c in named if abs(c.end()) > near_zero * (high - low)]
    named = named[:MOST_NAMES]
    label_ends(axes, [End(row.entry(c.indices), c.end(), c.colour) for c in named])


def _has_place(curve: _Curve, series: Series) -> bool:
    return bool(np.isfinite(curve.end())) and (curve.end() > 0 or not series.log)
