"""The inside of a cell of students and teachers: its course, and the alignment at its end.

The courses hold rho (n, K, M), the cosines of K student and M teacher units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from sweep.analysis.trajectory import Courses
from sweep.models.base import Model, Series
from sweep.plots.alignment import DIVERGING, SIGNS, draw_alignment
from sweep.plots.colours import of_lines
from sweep.plots.course import Case, cases_of, draw_column, heading, page_of, rows_of
from sweep.plots.keys import Colouring, colour_bar
from sweep.plots.layout import size_of
from sweep.plots.page import Page
from sweep.plots.style import SMALL, styled

COSINES = "rho"
ALIGNMENT_HEIGHT, BETWEEN = 1.75, 0.5  # inches


def draw(model: Model, courses: Courses) -> Figure:
    """Everything that the courses hold, and their final alignments."""
    cases = cases_of(model, courses)
    return draw_overlaps(cases, model.series, heading(model, courses), model.time_symbol)


@styled
def draw_overlaps(
    cases: Sequence[Case],
    series: Mapping[str, Series],
    figure_title: str = "",
    time_symbol: str = r"\alpha",
) -> Figure:
    """The panels of the courses, and the alignment below them, one column a case."""
    rows = rows_of(cases, series)
    page = page_of(len(rows), len(cases), figure_title, ALIGNMENT_HEIGHT + BETWEEN)
    for column, case in enumerate(cases):
        draw_column(page, cases, rows, column, time_symbol)
        _alignment_panel(page, case, column)
    _sign_bar(page)
    return page.figure


def _alignment_panel(page: Page, case: Case, column: int) -> None:
    x, _ = page.lattice.corner(column)
    axes = page.place(x, BETWEEN, page.lattice.width, ALIGNMENT_HEIGHT)
    final = case.trace.series[COSINES][-1]
    draw_alignment(axes, final, size_of(axes), of_lines(final.shape[1]))


def _sign_bar(page: Page) -> None:
    """What the colours of the alignments mean, below the middle of them."""
    middle = (page.lattice.left + page.lattice.size[0] - page.lattice.right) / 2
    cax = page.place(middle - 0.7, 0.3, 1.4, 0.07)
    colouring = Colouring(SIGNS, DIVERGING, "", ([-1.0, 0.0, 1.0], ["−1", "0", "1"]))
    colour_bar(page.figure, cax, colouring, "horizontal")
    cax.text(
        -0.04,
        0.5,
        r"final $\rho_{kn}$",
        transform=cax.transAxes,
        ha="right",
        va="center",
        size=SMALL,
    )
