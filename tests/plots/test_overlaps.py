from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from sweep.models.base import Trace
from sweep.models.fo_anil.shown import SERIES
from sweep.plots.course import Case
from sweep.plots.draw import save
from sweep.plots.overlaps import draw_overlaps


def case(K: int, M: int, *, crossing: float | None = 6.0, points: int = 50) -> Case:
    """Student k turns to teacher k mod M, every second one with a negative sign."""
    alpha = np.linspace(0, 10, 50)
    grown = 1 / (1 + np.exp(5 - alpha))
    R = np.zeros((50, K, M))
    for k in range(K):
        R[:, k, k % M] = (-1) ** k * 0.8 * grown
    Q = np.tile(np.eye(K), (50, 1, 1))
    rho = R / np.sqrt(np.arange(1.0, M + 1))
    series = {"error": np.exp(-alpha), "Q": Q, "R": R, "rho": rho}
    some = Trace(alpha[:points], {name: values[:points] for name, values in series.items()})
    return Case(f"$K$ = {K}", some, 0.01, crossing)


def test_four_panels_an_alignment_and_the_bar() -> None:
    figure = draw_overlaps([case(3, 3)], SERIES)
    assert len(figure.axes) == 6
    error, overlaps, angles, norms = figure.axes[:4]
    assert error.get_yscale() == "log"
    assert [a.get_ylabel() for a in (overlaps, angles, norms)] == [
        "$R_{kn}$", r"$\rho_{kn}$", "$Q_{kl}$",
    ]  # fmt: skip
    np.testing.assert_allclose(error.lines[0].get_ydata(), case(3, 3).trace.series["error"])


def test_curves_that_end_away_from_zero_are_named() -> None:
    overlaps = draw_overlaps([case(3, 3)], SERIES).axes[1]
    assert sorted(t.get_text() for t in overlaps.texts) == ["$R_{11}$", "$R_{22}$", "$R_{33}$"]


def test_the_crossing_is_marked_where_there_is_one() -> None:
    marked = draw_overlaps([case(2, 2)], SERIES).axes[0]
    assert marked.texts[0].get_text() == r"$\tilde{\alpha}$ = 6"
    assert not draw_overlaps([case(2, 2, crossing=None)], SERIES).axes[0].texts


def test_cases_share_the_heights_of_a_row() -> None:
    figure = draw_overlaps([case(3, 3), case(9, 3)], SERIES)
    assert len(figure.axes) == 11
    first, second = figure.axes[0:5], figure.axes[5:10]
    for a, b in zip(first[:4], second[:4], strict=True):
        assert a.get_ylim() == b.get_ylim()
    assert first[0].get_title(loc="left") == "(a) $K$ = 3"


def test_the_lines_of_the_alignment_have_the_width_and_sign_of_the_cosines() -> None:
    one = case(3, 3)
    axes = draw_overlaps([one], SERIES).axes[4]
    (drawn,) = [c for c in axes.collections if isinstance(c, LineCollection)]
    rho = one.trace.series["rho"][-1]
    assert len(drawn.get_segments()) == 3
    np.testing.assert_allclose(
        sorted(drawn.get_linewidths()), sorted(5 * np.abs(np.diag(rho))), rtol=1e-12
    )
    blue = [colour[2] > colour[0] for colour in drawn.get_colors()]  # type: ignore[index]
    assert sum(blue) == 2  # two positive cosines, one negative


def test_a_start_below_the_target_and_a_divergence_are_drawn(tmp_path: Path) -> None:
    start = case(2, 2, crossing=0.0, points=1)
    blown_up = case(2, 2, crossing=None)
    for values in blown_up.trace.series.values():
        values[-1] = np.nan
    with warnings.catch_warnings(action="error"):
        # Those of libraries about one another are not ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        save(draw_overlaps([start, blown_up], SERIES), tmp_path / "cell.png")


def test_a_target_of_zero_has_no_line() -> None:
    never = replace(case(2, 2, crossing=None), target_error=0.0)
    assert len(draw_overlaps([never], SERIES).axes[0].lines) == 1


@pytest.mark.parametrize(("K", "M"), [(1, 1), (9, 3), (9, 9), (12, 3)])
def test_any_number_of_units_is_drawn(K: int, M: int) -> None:
    figure = draw_overlaps([case(K, M)], SERIES, "One cell")
    _, overlaps, cosines, norms, alignment, _ = figure.axes
    for axes, curves in ((overlaps, K * M), (cosines, K * M), (norms, K * (K + 1) // 2)):
        assert sum(len(line.get_xdata()) == 50 for line in axes.lines) == curves  # type: ignore[arg-type]
    (drawn,) = [c for c in alignment.collections if isinstance(c, LineCollection)]
    assert len(drawn.get_segments()) == K
