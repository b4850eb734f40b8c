"""The inside of a cell: error and overlaps along a trajectory, and the alignment at its end.

Several trajectories stand side by side, a column each, with the same height scale in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from sweep.models.base import Trace
from sweep.ode.arrays import Floats
from sweep.plots.alignment import DIVERGING, SIGNS, draw_alignment
from sweep.plots.colours import DISTINCT, SEQUENTIAL
from sweep.plots.direct import spread
from sweep.plots.labels import as_math, letter, title
from sweep.plots.layout import Lattice
from sweep.plots.style import FAINT, INK, SMALL, style
from sweep.plots.ticks import linear_ticks, log_ticks, number, numbers, set_ticks

Range = tuple[float, float]

PAGE = 7.2  # lengths in inches
WIDEST, HEIGHT = 2.75, 1.3
LEFT, RIGHT, ACROSS, BETWEEN = 0.62, 0.52, 0.62, 0.36
ALIGNMENT_HEIGHT = 1.75
PAD = 0.06
ROOM = 0.75  # a crossing earlier than this part of the window has room at its right
MOST_NAMES = 10  # in one panel
SMALL_END, CROWDED_END = 0.02, 0.15  # curves that end so near zero, in panel heights, have no name


@dataclass(frozen=True)
class Case:
    """One column of the picture.

    name: such as "$\\eta_w$ = 3". trace: with the series error (n,), Q (n, K, K), R (n, K, M) and
    rho (n, K, M), for K student and M teacher units. crossing: the time at which the error meets
    the target, None where it does not.
    """

    name: str
    trace: Trace
    target_error: float
    crossing: float | None = None


@dataclass(frozen=True)
class _Curve:
    """One line of a panel, and the indices that name it."""

    heights: Floats
    indices: tuple[int, int]
    colour: tuple[float, float, float, float]
    width: float = 1.1


@dataclass(frozen=True)
class _Row:
    """A quantity that a row of panels shows, with the curves of every trace."""

    symbol: str
    subscript: str
    curves: list[list[_Curve]]

    def limits(self) -> Range:
        """The range of all curves of the row, padded."""
        all_heights = np.concatenate([c.heights for curves in self.curves for c in curves])
        finite = all_heights[np.isfinite(all_heights)]
        low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
        pad = PAD * (high - low) or 1.0
        return low - pad, high + pad


def draw_trajectories(
    cases: Sequence[Case], figure_title: str = "", time_symbol: str = r"\alpha"
) -> Figure:
    """ε, R, ρ and Q against time and the final alignment, one column a case."""
    with style():
        lattice = _lattice(len(cases), len(figure_title.splitlines()))
        figure = Figure(figsize=lattice.size)
        rows = [_overlaps(cases), _cosines(cases), _norms(cases)]
        for column, case in enumerate(cases):
            panels = [_panel(figure, lattice, row, column) for row in range(4)]
            _error_panel(panels[0], case, _error_limits(cases))
            panels[0].set_title(_panel_name(case, column, len(cases)), loc="left", pad=4)
            for row, axes in zip(rows, panels[1:], strict=True):
                _curves_panel(axes, row, case.trace.time, column, lattice.height)
            _finish(panels, case, column, time_symbol, rows)
            _alignment_panel(figure, lattice, case, column)
        _sign_bar(figure, lattice)
        title(figure, figure_title)
        FigureCanvasAgg(figure)
    return figure


def _lattice(columns: int, title_lines: int) -> Lattice:
    """The four rows of curves; the alignments stand in the bottom margin."""
    width = min(WIDEST, (PAGE - LEFT - RIGHT - (columns - 1) * ACROSS) / columns)
    return Lattice(
        rows=4,
        columns=columns,
        width=max(1.1, width),
        height=HEIGHT,
        left=LEFT,
        right=RIGHT,
        top=0.26 + (0.1 + 0.16 * title_lines if title_lines else 0.0),
        bottom=0.5 + ALIGNMENT_HEIGHT + 0.5,
        across=ACROSS,
        between=0.16,
    )


def _panel(figure: Figure, lattice: Lattice, row: int, column: int) -> Axes:
    corner = lattice.corner(row * lattice.columns + column)
    axes = lattice.place(figure, *corner, lattice.width, lattice.height)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _panel_name(case: Case, column: int, count: int) -> str:
    return f"({letter(column)}) {case.name}" if count > 1 else case.name


def _error_limits(cases: Sequence[Case]) -> Range:
    curves = [case.trace.series["error"] for case in cases]
    errors = np.concatenate([*curves, [case.target_error for case in cases]])
    positive = errors[np.isfinite(errors) & (errors > 0)]
    low, high = float(positive.min()), float(positive.max())
    pad = (high / low) ** PAD if high > low else 2.0
    return low / pad, high * pad


def _error_panel(axes: Axes, case: Case, limits: Range) -> None:
    time, error = case.trace.time, case.trace.series["error"]
    axes.plot(time, error, color=to_rgba(DISTINCT[0]), linewidth=1.3)
    if case.target_error > 0:
        axes.axhline(case.target_error, color=FAINT, linewidth=0.7, dashes=(4, 3), zorder=1)
    if case.crossing is not None:
        early = case.crossing < ROOM * time[-1]
        _mark_crossing(axes, case.crossing, case.target_error, early=early)
    axes.set_yscale("log")
    axes.set_ylim(limits)
    ticks = log_ticks(*limits)
    set_ticks(axes.yaxis, ticks, numbers(ticks))


def _mark_crossing(axes: Axes, time: float, target: float, *, early: bool) -> None:
    """A ring and the time; to its left where there is no room at its right."""
    axes.plot([time], [target], marker="o", markersize=4, mfc="white", mec=INK, mew=0.8)
    axes.annotate(
        rf"$\tilde{{\alpha}}$ = {number(time, 4)}",
        (time, target),
        xytext=(3, 5) if early else (-2, 5),
        ha="left" if early else "right",
        textcoords="offset points",
        size=SMALL,
        color=INK,
    )


def _curves_panel(axes: Axes, row: _Row, alpha: Floats, column: int, inches: float) -> None:
    limits = row.limits()
    for curve in row.curves[column]:
        axes.plot(alpha, curve.heights, color=curve.colour, linewidth=curve.width)
    axes.axhline(0.0, color=FAINT, linewidth=0.4, zorder=1)
    axes.set_ylim(limits)
    ticks = linear_ticks(*limits)
    set_ticks(axes.yaxis, ticks, numbers(ticks))
    _name_curves(axes, row, row.curves[column], limits, inches)


def _name_curves(
    axes: Axes, row: _Row, curves: Sequence[_Curve], limits: Range, inches: float
) -> None:
    """The curves' indices at their right ends; the largest ones where there are many.

    Curves that end on one another near zero have no names, which would push each other away.
    """
    low, high = limits
    named = sorted(curves, key=lambda c: -abs(c.heights[-1]))
    near_zero = CROWDED_END if len(named) > MOST_NAMES else SMALL_END
    named = [c for c in named if abs(c.heights[-1]) > near_zero * (high - low)][:MOST_NAMES]
    ends = [(float(c.heights[-1]) - low) / (high - low) for c in named]
    places = spread(ends, (SMALL + 1.2) / 72 / inches, 0.02, 1.0)
    for curve, height in zip(named, places, strict=True):
        i, j = curve.indices
        axes.annotate(
            rf"${row.subscript}_{{{i}{j}}}$"
            if max(i, j) < 10
            else rf"${row.subscript}_{{{i},{j}}}$",
            (1.0, float(height)),
            xycoords="axes fraction",
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            size=SMALL,
            color=curve.colour,
            annotation_clip=False,
        )


def _overlaps(cases: Sequence[Case]) -> _Row:
    return _Row("$R_{kn}$", "R", [_student_teacher(case.trace.series["R"]) for case in cases])


def _cosines(cases: Sequence[Case]) -> _Row:
    curves = [_student_teacher(case.trace.series["rho"]) for case in cases]
    return _Row(r"$\rho_{kn}$", r"\rho", curves)


def _student_teacher(values: Floats) -> list[_Curve]:
    """One curve for every student k and teacher n, in the teacher's colour."""
    colours = _unit_colours(values.shape[2])
    return [
        _Curve(values[:, k, n], (k + 1, n + 1), colours[n]) for k, n in np.ndindex(values.shape[1:])
    ]


def _norms(cases: Sequence[Case]) -> _Row:
    """Q_kk in the student's colour, Q_kl of two students thin and grey."""
    return _Row("$Q_{kl}$", "Q", [_student_student(case.trace.series["Q"]) for case in cases])


def _student_student(Q: Floats) -> list[_Curve]:
    K = Q.shape[1]
    shades = SEQUENTIAL(np.linspace(0.3, 1.0, K))
    pairs = [(k, l) for k in range(K) for l in range(k, K)]
    return [
        _Curve(
            Q[:, k, l],
            (k + 1, l + 1),
            tuple(shades[k]) if k == l else to_rgba("#9a9a9a"),
            1.1 if k == l else 0.7,
        )
        for k, l in pairs
    ]


def _unit_colours(count: int) -> list[tuple[float, float, float, float]]:
    if count <= len(DISTINCT):
        return [to_rgba(c) for c in DISTINCT[:count]]
    return [tuple(c) for c in SEQUENTIAL(np.linspace(0.1, 1.0, count))]


def _finish(
    panels: Sequence[Axes], case: Case, column: int, time_symbol: str, rows: Sequence[_Row]
) -> None:
    """One time axis for the panels of a column, written below the last of them."""
    start, end = float(case.trace.time[0]), float(case.trace.time[-1])
    end = end if end > start else start + 1.0
    ticks = linear_ticks(start, end)
    for axes in panels:
        axes.set_xlim(start, end)
        set_ticks(axes.xaxis, ticks, numbers(ticks))
        axes.tick_params(labelbottom=axes is panels[-1])
    panels[-1].set_xlabel(as_math(time_symbol))
    if column == 0:
        for axes, label in zip(panels, [r"$\varepsilon$", *(r.symbol for r in rows)], strict=True):
            axes.set_ylabel(label)
            axes.yaxis.set_label_coords(-0.42 / _width(axes), 0.5)


def _width(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(axes.get_position().width * figure.get_size_inches()[0])


def _alignment_panel(figure: Figure, lattice: Lattice, case: Case, column: int) -> None:
    x, _ = lattice.corner(column)
    axes = lattice.place(figure, x, 0.5, lattice.width, ALIGNMENT_HEIGHT)
    final = case.trace.series["rho"][-1]
    colours = _unit_colours(final.shape[1])
    draw_alignment(axes, final, (lattice.width, ALIGNMENT_HEIGHT), colours)


def _sign_bar(figure: Figure, lattice: Lattice) -> None:
    """What the colours of the alignments mean, below the middle of them."""
    middle = (lattice.left + lattice.size[0] - lattice.right) / 2
    cax = lattice.place(figure, middle - 0.7, 0.3, 1.4, 0.07)
    bar = figure.colorbar(ScalarMappable(SIGNS, DIVERGING), cax=cax, orientation="horizontal")
    bar.outline.set_linewidth(0.5)
    if bar.solids is not None:
        bar.solids.set_rasterized(True)
    set_ticks(bar.ax.xaxis, [-1.0, 0.0, 1.0], ["−1", "0", "1"])
    bar.ax.text(
        -0.04,
        0.5,
        r"final $\rho_{kn}$",
        transform=bar.ax.transAxes,
        ha="right",
        va="center",
        size=SMALL,
    )
