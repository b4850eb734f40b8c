"""The inner loop of several steps, as a map from task vectors to readouts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sweep.models.fo_anil.readout import mean_readouts
from tests import oracle
from tests.models.fo_anil.cases import known, random_case
from tests.oracle import Floats


def averages(K: int, M: int) -> tuple[Floats, Floats]:
    """<g g> of students with students and with teachers."""
    case = random_case(K, M, seed=K + 7 * M)
    C = oracle.fields(case.Q, case.R, case.T)
    JJ = [[oracle.I2(C, k, l) for l in range(K)] for k in range(K)]
    JB = [[oracle.I2(C, k, K + m) for m in range(M)] for k in range(K)]
    return np.array(JJ), np.array(JB)


def readouts(JJ: Any, JB: Any, eta_w: float, steps: float) -> Floats:
    """A by the compiled code."""
    K, M = np.shape(JB)
    A = np.full(K * M, np.nan)
    spare = np.full(K * K + K * M, np.nan)
    mean_readouts(eta_w, float(steps), np.ravel(JJ), np.ravel(JB), A, spare, K, M)
    return A.reshape(K, M)


SHAPES = pytest.mark.parametrize(("K", "M"), [(1, 1), (1, 4), (4, 1), (3, 3), (2, 5), (6, 2)])


@SHAPES
@pytest.mark.parametrize("steps", [1, 2, 5, 40])
def test_each_step_goes_down_the_gradient(K: int, M: int, steps: int) -> None:
    JJ, JB = averages(K, M)
    A = np.zeros((K, M))
    for _ in range(steps):
        A = A + 0.9 * (JB - JJ @ A)
    np.testing.assert_allclose(readouts(JJ, JB, 0.9, steps), A, rtol=1e-12, atol=1e-14)


@SHAPES
@pytest.mark.parametrize("steps", [32, 33, 64, 1000, 6789])
def test_very_many_steps_are_those_of_the_slow_loop(K: int, M: int, steps: int) -> None:
    JJ, JB = (np.asarray(part, dtype=np.longdouble) for part in averages(K, M))
    rate = 1.9 / np.linalg.eigvalsh(np.asarray(JJ, dtype=float))[-1]
    A = np.zeros((K, M), dtype=np.longdouble)
    for _ in range(steps):
        A = A + rate * (JB - JJ @ A)
    found = readouts(JJ.astype(float), JB.astype(float), rate, steps)
    np.testing.assert_allclose(found, A.astype(float), rtol=1e-12, atol=1e-13)


def test_a_loop_that_diverges_does_so_too_where_it_is_long() -> None:
    grown = readouts([[1.0]], [[1.0]], 2.5, 101)
    assert grown == pytest.approx(1 - (-1.5) ** 101, rel=1e-12)
    assert not np.isfinite(readouts([[1.0]], [[1.0]], 2.5, 1_000_000)).any()


@SHAPES
def test_infinitely_many_steps_are_least_squares(K: int, M: int) -> None:
    JJ, JB = averages(K, M)
    expected = np.linalg.solve(JJ, JB)
    np.testing.assert_allclose(readouts(JJ, JB, 0.9, math.inf), expected, rtol=1e-11, atol=1e-13)


def test_many_steps_approach_least_squares() -> None:
    JJ, JB = averages(3, 3)
    limit = readouts(JJ, JB, 1.0, math.inf)
    np.testing.assert_allclose(readouts(JJ, JB, 1.0, 100_000), limit, rtol=1e-9)


def test_least_squares_of_units_that_are_not_independent_gives_no_number() -> None:
    JB = np.ones((2, 1))
    assert np.isnan(readouts([[1.0, 2.0], [2.0, 1.0]], JB, 1.0, math.inf)).any()


def test_more_steps_and_least_squares_most_of_all_leave_less_error() -> None:
    errors = [known(eta_w=1.0, inner_steps=steps).error() for steps in (1, 2, 5, 20, math.inf)]
    assert errors == sorted(errors, reverse=True)
    assert len(set(errors)) == 5


def test_an_inner_loop_beyond_its_limit_of_stability_grows_with_the_number_of_steps() -> None:
    JJ, JB = averages(2, 2)
    eta_w = 2.5 / np.linalg.eigvalsh(JJ)[-1]
    sizes = [np.abs(readouts(JJ, JB, eta_w, steps)).max() for steps in (10, 20, 40)]
    assert sizes[0] < sizes[1] / 10 < sizes[2] / 1000
