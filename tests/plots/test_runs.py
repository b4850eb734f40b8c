from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer

from sweep.models.base import Trace
from sweep.ode.arrays import Floats
from sweep.plots.draw import save
from sweep.plots.runs import draw_runs

POINTS = 50


def course(K: int = 3, M: int = 3, shift: float = 0.0, points: int = POINTS) -> Trace:
    time = np.linspace(0, 5, POINTS)
    grown = (1 + shift) / (1 + np.exp(2 - time))
    R = grown[:, None, None] * np.linspace(0.2, 1.0, K * M).reshape(K, M)
    Q = grown[:, None, None] * np.eye(K) + 0.5
    series = {"error": 2 - grown, "Q": Q, "R": R}
    return Trace(time[:points], {name: values[:points] for name, values in series.items()})


def runs(K: int = 3, M: int = 3) -> list[Trace]:
    return [course(K, M, shift) for shift in (-0.3, 0.0, 0.3)]


def test_the_error_and_the_overlaps_of_every_unit() -> None:
    figure = draw_runs(runs(), course(), course(shift=0.5), "P = V = 100", "Runs")
    assert [axes.get_title("left") for axes in figure.axes] == [
        r"(a) $\varepsilon$", "(b) $Q_{kk}$", r"(c) $Q_{kl}$, $k \neq l$",
        "(d) $R_{k1}$", "(e) $R_{k2}$", "(f) $R_{k3}$",
    ]  # fmt: skip
    assert [text.get_text() for text in figure.axes[3].texts] == [
        "$R_{11}$", "$R_{21}$", "$R_{31}$",
    ]  # fmt: skip
    assert figure.axes[0].get_yscale() == "log"


def bars(container: ErrorbarContainer) -> tuple[Floats, Floats, Floats]:
    """Where the bars are, their middles and their half lengths."""
    marks, _, (lines,) = container.lines
    assert marks is not None
    ends = np.array([segment[:, 1] for segment in lines.get_segments()])
    x, y = np.asarray(marks.get_xydata()).T
    return x, y, (ends[:, 1] - ends[:, 0]) / 2


def test_bars_are_a_standard_deviation_about_the_mean() -> None:
    panel = draw_runs(runs(), course(), course(), "P = 1").axes[4]
    for k, container in enumerate(panel.containers):
        assert isinstance(container, ErrorbarContainer)
        x, mean, deviation = bars(container)
        all_runs = np.array([run.series["R"][:, k, 1] for run in runs()])
        at = np.searchsorted(course().time, x - 1e-9)
        np.testing.assert_allclose(mean, all_runs.mean(axis=0)[at])
        np.testing.assert_allclose(deviation, all_runs.std(axis=0, ddof=1)[at], atol=1e-12)


def test_both_theories_are_drawn_the_finite_one_dashed() -> None:
    finite, infinite = course(), course(shift=0.5)
    panel = draw_runs(runs(), finite, infinite, "P = 1").axes[0]
    dashed = [line for line in panel.lines if line.is_dashed()]
    assert len(dashed) == 1
    np.testing.assert_array_equal(dashed[0].get_ydata(), finite.series["error"])
    drawn = [np.asarray(line.get_ydata()) for line in panel.lines]
    assert any(np.array_equal(heights, infinite.series["error"]) for heights in drawn)


@pytest.mark.parametrize(("K", "M", "panels"), [(1, 1, 3), (2, 3, 6), (5, 4, 7), (12, 2, 5)])
def test_any_number_of_units_is_drawn(tmp_path: Path, K: int, M: int, panels: int) -> None:
    figure = draw_runs(runs(K, M), course(K, M), course(K, M), "P = 1")
    assert len(figure.axes) == panels
    with warnings.catch_warnings(action="error"):
        # Those of libraries about one another are not ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        save(figure, tmp_path / "runs.png")


def test_runs_that_break_off_are_drawn_as_far_as_all_go(tmp_path: Path) -> None:
    several = [*runs(), course(points=20)]
    figure = draw_runs(several, course(), course(points=1), "P = 1")
    (container,) = figure.axes[0].containers
    assert isinstance(container, ErrorbarContainer)
    assert bars(container)[0].max() < several[-1].time[-1]
    with warnings.catch_warnings(action="error"):
        # Those of libraries about one another are not ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        save(figure, tmp_path / "runs.png")


def test_a_single_run_has_no_deviation() -> None:
    (container,) = draw_runs([course()], course(), course(), "P = 1").axes[0].containers
    assert isinstance(container, ErrorbarContainer)
    assert (bars(container)[2] == 0).all()
