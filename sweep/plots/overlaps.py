"""The inside of a cell of students and teachers: its course, and the alignment at its end.

The courses hold rho (n, K, M), the cosines of K student and M teacher units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from sweep.analysis.trajectory import Courses
from sweep.models.base import Model, Series
from sweep.plots.alignment import DIVERGING, SIGNS, draw_alignment
from sweep.plots.course import (
    BOTTOM,
    Case,
    cases_of,
    draw_column,
    heading,
    lattice_of,
    rows_of,
    unit_colours,
)
from sweep.plots.labels import title
from sweep.plots.layout import Lattice
from sweep.plots.style import SMALL, style
from sweep.plots.ticks import set_ticks

COSINES = "rho"
ALIGNMENT_HEIGHT, BETWEEN = 1.75, 0.5  # inches


def draw(model: Model, courses: Courses) -> Figure:
    """Everything that the courses hold, and their final alignments."""
    cases = cases_of(model, courses)
    return draw_overlaps(cases, model.series, heading(model, courses), model.time_symbol)


def draw_overlaps(
    cases: Sequence[Case],
    series: Mapping[str, Series],
    figure_title: str = "",
    time_symbol: str = r"\alpha",
) -> Figure:
    """The panels of the courses, and the alignment below them, one column a case."""
    rows = rows_of(cases, series)
    with style():
        lattice = lattice_of(len(rows), len(cases), figure_title, ALIGNMENT_HEIGHT + BETWEEN)
        figure = Figure(figsize=lattice.size)
        for column, case in enumerate(cases):
            draw_column(figure, lattice, cases, rows, column, time_symbol)
            _alignment_panel(figure, lattice, case, column)
        _sign_bar(figure, lattice)
        title(figure, figure_title)
        FigureCanvasAgg(figure)
    return figure


def _alignment_panel(figure: Figure, lattice: Lattice, case: Case, column: int) -> None:
    x, _ = lattice.corner(column)
    axes = lattice.place(figure, x, BOTTOM, lattice.width, ALIGNMENT_HEIGHT)
    final = case.trace.series[COSINES][-1]
    colours = unit_colours(final.shape[1])
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
