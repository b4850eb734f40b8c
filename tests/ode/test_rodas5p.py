"""The steps of Rodas5P on the equations themselves, their Jacobian and their linear algebra."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.models.fo_anil.erf import ERF
from sweep.ode.equations import differences
from sweep.ode.rodas5p import factorize, rosenbrock_error, substitute
from sweep.ode.steps import INCREMENTS, MATRICES, SLOPE, TRIAL, Buffers, F, buffers, take_step
from tests.models.fo_anil.cases import Case, exact, known, random_case
from tests.oracle import INF, Floats

NOISY = pytest.mark.parametrize("V", [INF, 10.0])


def linearized(case: Case, y: Floats) -> Buffers:
    """Buffers with f and the Jacobian at y."""
    buffer = buffers(y.size)
    buffer.rows[F] = case.slope(y)
    rows, J = buffer.rows, buffer.rows[MATRICES : MATRICES + y.size]
    differences(
        y, rows[F], J, rows[TRIAL : SLOPE + 1], ERF.equations.slope, case.problem, case.memory
    )
    return buffer


def step(case: Case, y: Floats, h: float) -> tuple[Floats, float]:
    """The state after one step, and the estimate of its error with tolerance 1 (absolute)."""
    buffer, y_new = linearized(case, y), np.empty_like(y)
    slope = ERF.equations.slope
    take_step(True, y, h, buffer.rows, y_new, slope, case.problem, case.memory, buffer)
    one = np.ones_like(y)
    return y_new, rosenbrock_error(y, y_new, buffer.rows[INCREMENTS:MATRICES], 0.0, one)


def many_steps(case: Case, tau: float, count: int) -> Floats:
    y = case.y
    for _ in range(count):
        y, _ = step(case, y, tau / count)
    return y


@NOISY
def test_half_the_step_leaves_a_32nd_of_the_error(V: float) -> None:
    case = known(V=V)
    expected = exact(case, 6.0)
    errors = np.array([np.abs(many_steps(case, 6.0, n) - expected).max() for n in (16, 32, 64)])
    assert np.log2(errors[:-1] / errors[1:]) == pytest.approx(5, abs=0.3)


@NOISY
def test_the_estimate_of_the_error_is_an_upper_bound_and_shrinks_with_the_fifth_power(
    V: float,
) -> None:
    case = known(V=V)
    steps = np.array([0.4, 0.2, 0.1])
    found = [step(case, case.y, h) for h in steps]
    errors = [np.abs(y - exact(case, h)).max() for (y, _), h in zip(found, steps, strict=True)]
    estimates = np.array([estimate for _, estimate in found])
    assert (errors < 2 * estimates).all()
    assert np.log2(estimates[:-1] / estimates[1:]).min() > 4.7


def test_a_step_far_beyond_the_pace_of_the_fastest_mode_is_stable() -> None:
    # With η_J/V this large the overlaps run to a balance of drift and noise, and stay there.
    case = known(V=1.0, eta_J=1.0)
    y = case.y
    for _ in range(200):
        y, _ = step(case, y, 5.0)
    settled, _ = step(case, y, 1e6)
    np.testing.assert_allclose(settled, y, rtol=1e-6)


@pytest.mark.parametrize("V", [INF, 10.0])
@pytest.mark.parametrize(("K", "M"), [(1, 1), (2, 3), (4, 2)])
def test_the_jacobian_agrees_with_central_differences_of_plain_sums(
    K: int, M: int, V: float
) -> None:
    case = random_case(K, M, seed=3, V=V, inner_steps=2.0, eta_w=1.5, sigma_y=0.3)
    n = case.y.size
    found = linearized(case, case.y).rows[MATRICES : MATRICES + n]
    columns = []
    for j in range(n):
        ends = []
        for sign in (1, -1):
            y = case.y.copy()
            y[j] += sign * 1e-5
            ends.append(case.slope(y))
        columns.append((ends[0] - ends[1]) / 2e-5)
    expected = np.stack(columns, axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max())


@given(st.integers(1, 12), st.integers(0, 2**31))
def test_factors_solve_as_numpy_does(n: int, seed: int) -> None:
    draw = np.random.default_rng(seed).standard_normal
    matrix, b = draw((n, n)), draw(n)
    factors, pivots, x = matrix.copy(), np.zeros(n + 1, dtype=np.int64), b.copy()
    factorize(factors, pivots)
    substitute(factors, pivots, x)
    tolerance = 1e-14 * np.linalg.cond(matrix) * max(1.0, np.abs(x).max())
    np.testing.assert_allclose(x, np.linalg.solve(matrix, b), rtol=0, atol=tolerance)


def test_a_pivot_of_zero_is_exchanged() -> None:
    factors, pivots, x = np.array([[0.0, 2.0], [4.0, 1.0]]), np.zeros(3, np.int64), np.ones(2)
    factorize(factors, pivots)
    substitute(factors, pivots, x)
    assert x.tolist() == [0.125, 0.5]


def test_a_singular_matrix_solves_to_no_finite_number() -> None:
    factors, pivots, x = np.ones((2, 2)), np.zeros(3, np.int64), np.array([1.0, 2.0])
    factorize(factors, pivots)
    substitute(factors, pivots, x)
    assert not np.isfinite(x).all()
