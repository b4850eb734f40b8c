"""Theory through a window, against the passages of a run whose errors are theory's own."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from sweep.models.base import Answers
from sweep.models.fo_anil.model import MODEL
from sweep.models.fo_anil.simulation.cell import tasks_until
from sweep.models.fo_anil.simulation.passage import Passages
from sweep.models.fo_anil.simulation.run import Start, Stretch, moving_means
from sweep.models.fo_anil.simulation.theory import (
    averaged,
    course,
    errors_at,
    first_passage,
    window_means,
)
from sweep.models.parameters import Value
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED
from sweep.ode.arrays import Floats

SOLVER: dict[str, Value] = {p.name: p.default for p in MODEL.solver}
TIGHT = {**SOLVER, "rtol": 1e-12}
CELL: dict[str, Value] = {
    **{p.name: p.default for p in MODEL.parameters},
    "K": 2,
    "M": 2,
    "P": 50.0,
    "V": 50.0,
    "R0": 0.3,
    "eta_w": 4.0,
    "eta_J": 10.0,
    "target_error": 0.1,
    "alpha_max": 2.0,
}


def crossing(cell: dict[str, Value]) -> float:
    """When ε itself meets the target."""
    return float(MODEL.solve(MODEL.alone(cell), SOLVER).time_to_target[0])


def passages(errors: Floats, target: float, window: int, N: int) -> Answers:
    """The row of a run with these test errors."""
    watched = Passages(
        np.array([target]),
        np.array([len(errors)]),
        window,
        Start(np.eye(1), np.zeros((1, 1)), np.eye(1)),
    )
    means = np.empty(len(errors))
    moving_means(errors, np.zeros(window), 0, means)
    nothing = np.zeros((len(errors), 1, 1))
    watched.watch(Stretch(0, errors, means, nothing, nothing))
    return watched.answers(N, len(errors))


@pytest.mark.parametrize(
    ("changes", "N", "window"),
    [
        ({}, 200, 10),
        ({}, 200, 1),
        ({}, 201, 77),
        ({"eta_J": 200.0, "target_error": 0.15}, 2000, 100),
        ({"target_error": 0.01}, 200, 10),
        ({"target_error": 1.0}, 200, 10),
        ({"alpha_max": 0.04}, 200, 10),
        ({"target_error": 0.25, "P": math.inf, "V": math.inf}, 100, 30),
    ],
    ids=["usual", "task", "odd", "fast", "never", "at once", "short", "infinite"],
)
def test_a_run_with_theory_s_errors_has_theory_s_row(
    changes: dict[str, Value], N: int, window: int
) -> None:
    """Theirs at every task, by a tighter integration; ours by polynomials."""
    cell = {**CELL, **changes}
    tasks = tasks_until(float(cell["alpha_max"]), N)  # type: ignore[arg-type]
    errors = errors_at(cell, TIGHT, np.arange(tasks) / N)
    row = passages(errors, float(cell["target_error"]), window, N)  # type: ignore[arg-type]
    found = averaged(cell, SOLVER, N, window, crossing(cell))
    assert found.status == row.status[0]
    assert found.end / N == row.time_final[0]
    assert found.error == pytest.approx(row.error_final[0], rel=1e-6)
    np.testing.assert_array_equal(found.time_to_target, row.time_to_target[0])


def test_the_average_meets_the_target_long_after_a_dip_of_the_error() -> None:
    """A dip shorter than the window is no passage; a run of errors that stay low is."""

    def errors(alpha: Floats) -> Floats:
        dip = 0.8 * np.exp(-(((alpha - 0.2) / 0.01) ** 2))
        return 0.5 + 0.5 * np.tanh(4 * (3 - alpha)) - dip

    N, window = 500, 100
    row = passages(errors(np.arange(2500) / N), 0.3, window, N)
    found = first_passage(errors, 0.3, N, window, 95, 2500)
    assert row.status == [REACHED]
    assert found == pytest.approx((row.time_final[0] * N, row.error_final[0]), rel=1e-6)
    assert first_passage(errors, 0.3, N, window, 95, 1000) is None


def test_a_whole_course_is_as_exact_as_the_integration() -> None:
    N, window = 1000, 20
    ends = np.arange(window, 2001)
    direct = errors_at(CELL, TIGHT, np.arange(2000) / N)
    sums = np.concatenate([[0.0], np.cumsum(direct)])
    expected = (sums[window:] - sums[:-window]) / window
    found = window_means(partial(errors_at, CELL, SOLVER), N, window, ends)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


BLOWS_UP: dict[str, Value] = {**CELL, "eta_J": 1e6, "V": 1.0, "alpha_max": 5.0}


def test_theory_that_breaks_off_says_how() -> None:
    found = averaged({**BLOWS_UP, "target_error": 1e-6}, SOLVER, 200, 10, math.nan)
    assert (found.status, found.end) == (DIVERGED, 1000)
    assert math.isnan(found.error)
    shown = course(BLOWS_UP, SOLVER, 200, 10, 1000, 101)
    assert 0 < shown.time[-1] < 5
    assert all(np.isfinite(values).all() for values in shown.series.values())


def test_a_course_has_theory_s_overlaps_and_averaged_errors() -> None:
    N, window, points = 100, 20, 21
    shown = course(CELL, SOLVER, N, window, 200, points)
    trace = MODEL.trace(CELL, SOLVER, 2.0, points)
    np.testing.assert_allclose(shown.time, trace.time, atol=1e-12)
    for name in ("Q", "R"):
        np.testing.assert_allclose(shown.series[name], trace.series[name], rtol=1e-8)
    errors = errors_at(CELL, SOLVER, np.arange(200) / N)
    assert shown.series["error"][0] == pytest.approx(errors[:20].mean(), rel=1e-6)
    assert shown.series["error"][10] == pytest.approx(errors[90:110].mean(), rel=1e-6)
    assert shown.series["error"][-1] == pytest.approx(errors[180:].mean(), rel=1e-6)


def test_the_average_over_the_last_window_is_not_the_error_at_its_end() -> None:
    """A cell in which ε falls by a third within the window."""
    cell = {
        **CELL,
        "P": 100.0,
        "V": 100.0,
        "R0": ((0.3, 0.1), (0.1, 0.4)),
        "eta_w": 3.0,
        "target_error": 0.0,
        "alpha_max": 0.5,
    }
    found = averaged(cell, SOLVER, 10_000, 500, math.nan)
    assert (found.status, found.end) == (NOT_REACHED, 5000)
    assert found.error == pytest.approx(0.0516, abs=5e-5)
    assert errors_at(cell, SOLVER, np.array([0.5])) == pytest.approx(0.0449, abs=5e-5)
