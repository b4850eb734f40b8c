"""The runs of one cell: their late stage against theory, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sweep import models
from sweep.analysis.ensemble import Course, follow_runs, late
from sweep.analysis.theory import limits_of, theory_cell
from sweep.errors import UsageError
from sweep.grid import read_grid
from sweep.grid.read import parse_grid
from sweep.models.base import Trace

FIGURE_2 = Path(__file__).parents[2] / "grids" / "fig2.toml"


@pytest.fixture(scope="module")
def course() -> Course:
    grid = read_grid(FIGURE_2)
    return follow_runs(grid, grid.cells(), jobs=2)


def among_theirs(theory: Trace, run: Trace) -> slice:
    """The times of a theory, which is finer, that a run has as well."""
    assert len(theory.time) > 300
    return slice(None, None, (len(theory.time) - 1) // (len(run.time) - 1))


def test_the_late_error_is_that_of_finite_samples(course: Course) -> None:
    """0.0390 at P = V = 100, within 3 %; P = V = ∞ would be 0.0165."""
    found = late(course)
    assert found.theory["finite"] == pytest.approx(0.0390, rel=0.005)
    assert found.theory["infinite"] == pytest.approx(0.0165, rel=0.005)
    assert found.simulation == pytest.approx(found.theory["finite"], rel=0.03)
    assert 0 < found.se < 0.01 * found.simulation


def test_theory_is_averaged_over_the_windows_of_the_runs() -> None:
    """ε falls by a fifth within the first window, over which both curves begin with the mean."""
    grid = parse_grid(FIGURE_2, FIGURE_2.read_text(encoding="utf-8") + "[solver]\nwindow = 0.5\n")
    course = follow_runs(grid, grid.selected({"seed": "0"}), jobs=1)
    model = models.load("fo-anil")
    settings = {setting.name: setting.default for setting in model.solver}
    for name, theory in course.theory.items():
        at = among_theirs(theory, course.runs[0])
        np.testing.assert_allclose(theory.time[at], course.runs[0].time, atol=1e-12)
        exact = model.trace(
            theory_cell(model, course.cell, limits_of(name)),  # type: ignore[arg-type]
            settings,
            8.0,
            8001,
        ).series["error"]
        averages = [exact[:500].mean(), *(exact[i : i + 500].mean() for i in range(250, 7500, 500))]
        np.testing.assert_allclose(theory.series["error"][at][:-1], averages, rtol=1e-6)
        assert theory.series["error"][-1] == pytest.approx(exact[7500:8000].mean(), rel=1e-6)


def test_ten_runs_start_alike_and_stay_about_theory(course: Course) -> None:
    assert len(course.runs) == 10
    R = np.stack([run.series["R"] for run in course.runs])
    np.testing.assert_array_equal(R[:, 0], np.broadcast_to(R[0, 0], R[:, 0].shape))
    assert len(np.unique(R[:, -1, 0, 0])) == 10
    theory = course.theory["finite"]
    at = among_theirs(theory, course.runs[0])
    np.testing.assert_allclose(theory.time[at], course.runs[0].time, atol=1e-12)
    assert np.abs(R.mean(axis=0) - theory.series["R"][at]).max() < 0.1


def test_the_number_of_jobs_changes_nothing(course: Course) -> None:
    grid = read_grid(FIGURE_2)
    alone = follow_runs(grid, grid.selected({"seed": "3"}), jobs=1)
    for name, values in alone.runs[0].series.items():
        np.testing.assert_array_equal(values, course.runs[3].series[name])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[axes]\neta_w = [2, 3]\nV = [10, 20]",
            "eta_w, V: several values are left; choose, as in eta_w=2 V=10",
        ),
        ("[axes]\nseed = [0, 1]", "R0: found 1e-12, which gives every seed a start of its own"),
        ("[fixed]\nR0 = [[0.1]]\nK = 1\nM = 1\ninner_steps = 2", "theory has no such cell: P: "),
    ],
)
def test_what_has_no_such_picture_is_refused(text: str, problem: str) -> None:
    grid = parse_grid(Path("some.toml"), f'model = "fo-anil-simulation"\n{text}')
    with pytest.raises(UsageError, match=problem):
        follow_runs(grid, grid.cells(), jobs=1)
