"""The explicit step of DOP853, on the equations themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate._ivp import dop853_coefficients as published

from sweep.models.fo_anil.erf import ERF
from sweep.ode import dop853
from sweep.ode.dop853 import explicit_error, stiffness
from sweep.ode.steps import EXPLICIT_STAGES, STAGES, F, buffers, take_step
from tests.models.fo_anil.cases import Case, exact, known
from tests.oracle import INF, Floats

NOISY = pytest.mark.parametrize("V", [INF, 10.0])


def step(case: Case, y: Floats, h: float) -> tuple[Floats, float]:
    """The state after one step, and the estimate of its error with tolerance 1 (absolute)."""
    buffer, y_new = buffers(y.size), np.empty_like(y)
    stages = buffer.rows[STAGES : STAGES + EXPLICIT_STAGES]
    slope = ERF.equations.slope
    buffer.rows[F] = case.slope(y)
    take_step(False, y, h, stages, y_new, slope, case.problem, case.memory, buffer)
    return y_new, explicit_error(buffer.explicit, y, y_new, h, stages, 0.0, np.ones_like(y))


def many_steps(case: Case, tau: float, count: int) -> Floats:
    y = case.y
    for _ in range(count):
        y, _ = step(case, y, tau / count)
    return y


def test_the_weights_are_the_published_ones() -> None:
    np.testing.assert_array_equal(dop853.TABLEAU[:12], published.A[:12, :12])
    np.testing.assert_array_equal(dop853.TABLEAU[dop853.SOLUTION], published.B)
    np.testing.assert_array_equal(dop853.TABLEAU[dop853.ERROR5], published.E5[:12])
    np.testing.assert_array_equal(dop853.TABLEAU[dop853.ERROR3], published.E3[:12])


@NOISY
def test_half_the_step_leaves_a_256th_of_the_error(V: float) -> None:
    case = known(V=V)
    expected = exact(case, 6.0)
    errors = np.array([np.abs(many_steps(case, 6.0, n) - expected).max() for n in (4, 8, 16)])
    assert errors[-1] > 5e-14  # above rounding
    assert np.log2(errors[:-1] / errors[1:]) == pytest.approx(8, abs=0.4)


@NOISY
def test_the_estimate_of_the_error_is_an_upper_bound_and_shrinks_with_the_eighth_power(
    V: float,
) -> None:
    case = known(V=V)
    steps = np.array([2.0, 1.0, 0.5])
    found = [step(case, case.y, h) for h in steps]
    errors = [np.abs(y - exact(case, h)).max() for (y, _), h in zip(found, steps, strict=True)]
    estimates = np.array([estimate for _, estimate in found])
    assert (errors < estimates).all()
    assert np.log2(estimates[:-1] / estimates[1:]).min() > 7.5


def test_the_estimate_weighs_each_component_by_its_tolerance() -> None:
    draw = np.random.default_rng(0).standard_normal
    y, y_new, stages = draw(5), draw(5), draw((12, 5))
    scale = 1e-3 + 1e-2 * np.maximum(abs(y), abs(y_new))
    fifth, third = ((E[:12] @ stages / scale) for E in (published.E5, published.E3))
    norm = np.sqrt((fifth @ fifth + 0.01 * (third @ third)) * 5)
    atol = np.full(5, 1e-3)
    found = explicit_error(dop853.TABLEAU, y, y_new, 0.25, stages, 1e-2, atol)
    assert found == pytest.approx(0.25 * (fifth @ fifth) / norm, rel=1e-13)


def test_up_to_the_honest_limit_the_estimate_covers_what_a_dead_mode_does() -> None:
    def worst(limit: float) -> float:
        ratios = []
        for z in np.arange(-limit, 0.0, 0.05):
            stages = np.zeros((12, 1))
            for s in range(12):
                stages[s] = z * (1.0 + published.A[s, :s] @ stages[:s])
            left = 1.0 + published.B @ stages - np.exp(z)
            arguments = (np.ones(1), np.ones(1), 1.0, stages, 0.0, np.ones(1))
            ratios.append(abs(left[0]) / explicit_error(dop853.TABLEAU, *arguments))
        return max(ratios)

    assert worst(dop853.HONEST_LIMIT) < 0.5
    assert worst(dop853.STABILITY_LIMIT) > 10


def test_a_stage_that_is_no_number_leaves_no_number_as_the_estimate() -> None:
    case = known(V=10.0)
    assert np.isnan(step(case, case.y, 1e4)[1])


def test_stiffness_is_the_size_of_the_fastest_mode_in_steps() -> None:
    draw = np.random.default_rng(0).standard_normal
    y_new, trial, stages = draw(4), draw(4), draw((12, 4))
    even = np.ones(4)
    stages[-1] = -30.0 * trial
    assert stiffness(0.2, -30.0 * y_new, y_new, stages, trial, even) == pytest.approx(6.0)
    assert stiffness(0.2, -30.0 * y_new, y_new, stages, y_new, even) == 0.0
