"""The integrator on systems that are no model of the package, against SciPy and by hand."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sweep.ode.arrays import Floats
from sweep.ode.compiled import kernel
from sweep.ode.equations import Equations, differences, unresolved
from sweep.ode.integrator import BLEW_UP, FINISHED, RAN_AWAY, STUCK
from sweep.ode.solve import Solution, ask, solve

NOTHING = (0.0,)
"""Memory for equations that need none."""


RATES = (0.5, np.array([1.0, 2.0, 100.0]))
"""Constants of a type of their own: a rate and the multiples of it."""


@kernel
def decay(y, dy, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    for i in range(y.size):
        dy[i] = -c[0] * c[1][i] * y[i]


@kernel
def first(y, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return y[0]


DECAY = Equations(decay, first, unresolved, differences)


@kernel
def van_der_pol(y, dy, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    dy[0] = y[1]
    dy[1] = c[0] * (1.0 - y[0] * y[0]) * y[1] - y[0]


@kernel
def squared(y, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return y[0] * y[0]


@kernel
def by_hand(y, f, J, rows, slope, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    J[0, 0] = 0.0
    J[0, 1] = 1.0
    J[1, 0] = -2.0 * c[0] * y[0] * y[1] - 1.0
    J[1, 1] = c[0] * (1.0 - y[0] * y[0])
    return 0


VAN_DER_POL = Equations(van_der_pol, squared, unresolved, differences)
WITH_JACOBIAN = Equations(van_der_pol, squared, unresolved, by_hand)


@kernel
def power(y, dy, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    dy[0] = y[0] ** c[0]


@kernel
def root(y, dy, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    dy[0] = -math.sqrt(y[0]) if y[0] > 0.0 else math.nan


POWER = Equations(power, first, unresolved, differences)
ROOT = Equations(root, first, unresolved, differences)


def run(
    equations: Equations,
    y: list[float],
    constants: object,
    targets: list[float],
    ends: list[float],
    **options: float,
) -> tuple[Solution, Floats, Floats]:
    """The solution, and for each question its crossing time and the value at its end."""
    questions, target_of, end_of = ask(np.array(targets), np.array(ends))
    tolerances = {"rtol": 1e-9, "atol": 1e-20, **options}
    solution = solve(equations, np.array(y), questions, constants, NOTHING, **tolerances)  # type: ignore[arg-type]
    replies = solution.replies
    return solution, replies.crossing[target_of], replies.end_value[end_of]


def test_times_at_which_targets_are_first_met() -> None:
    _, crossing, _ = run(DECAY, [1.0, 1.0, 1.0], RATES, [0.5, 0.1, 1e-6], [40.0] * 3)
    np.testing.assert_allclose(crossing, -np.log([0.5, 0.1, 1e-6]) / 0.5, rtol=1e-9)


def test_values_at_the_ends_of_windows_wherever_they_lie() -> None:
    ends = [1e-6, 0.3, 7.0, 31.4]
    solution, crossing, values = run(DECAY, [1.0, 2.0, 3.0], RATES, [-1.0] * 4, ends)
    assert solution.outcome.code == FINISHED
    assert np.isnan(crossing).all()
    np.testing.assert_allclose(values, np.exp(-0.5 * np.array(ends)), rtol=1e-8)


def test_questions_asked_together_are_answered_as_those_asked_alone() -> None:
    targets, ends = [0.9, 0.2, 0.2, -1.0], [3.0, 1.0, 9.0, 11.0]
    _, crossing, values = run(DECAY, [1.0, 1.0, 1.0], RATES, targets, ends)
    for i, (target, end) in enumerate(zip(targets, ends, strict=True)):
        _, time, value = run(DECAY, [1.0, 1.0, 1.0], RATES, [target], [end])
        if crossing[i] <= end:
            assert crossing[i] == time[0]
        else:
            assert values[i] == value[0]


@pytest.mark.parametrize("equations", [VAN_DER_POL, WITH_JACOBIAN])
@pytest.mark.parametrize(("mu", "end"), [(1.0, 20.0), (100.0, 300.0)])
def test_oscillations_and_stiff_stretches_agree_with_scipy(
    equations: Equations, mu: float, end: float
) -> None:
    ends = np.linspace(end / 10, end, 10)
    expected = solve_ivp(
        lambda _, y: [y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]],
        (0.0, end), [2.0, 0.0], method="Radau", rtol=1e-12, atol=1e-14, t_eval=ends,
    ).y[0] ** 2  # fmt: skip
    solution, _, values = run(equations, [2.0, 0.0], (mu,), [-1.0] * 10, list(ends), atol=1e-12)
    assert solution.outcome.code == FINISHED
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-7)


def test_a_stiff_stretch_costs_less_than_an_explicit_method_and_a_jacobian_by_hand_less_still() -> (
    None
):
    def cost(equations: Equations) -> int:
        return run(equations, [2.0, 0.0], (1000.0,), [-1.0], [700.0])[0].evaluations

    explicit = solve_ivp(
        lambda _, y: [y[1], 1000.0 * (1 - y[0] ** 2) * y[1] - y[0]],
        (0.0, 700.0), [2.0, 0.0], method="DOP853", rtol=1e-9, atol=1e-20,
    ).nfev  # fmt: skip
    assert cost(WITH_JACOBIAN) < cost(VAN_DER_POL) < explicit / 20


def test_constants_of_another_type_are_compiled_for_beside_the_first() -> None:
    for _ in range(2):
        _, crossing, _ = run(DECAY, [1.0, 1.0, 1.0], RATES, [0.5], [9.0])
        assert crossing[0] == pytest.approx(2 * math.log(2), rel=1e-9)
        solution, _, _ = run(VAN_DER_POL, [2.0, 0.0], (1.0,), [-1.0], [5.0])
        assert solution.outcome.code == FINISHED
        _, crossing, _ = run(DECAY, [1.0, 1.0], (1, np.ones(2)), [0.5], [9.0])  # an integer
        assert crossing[0] == pytest.approx(math.log(2), rel=1e-9)


def test_a_pole_in_finite_time_is_told_from_a_step_that_leads_nowhere() -> None:
    # y' = y^7 from 1: y = (1 - 6 t)^(-1/6), at t = 1/6 only 1e2 or so where the digits of t end
    solution, _, _ = run(POWER, [1.0], (7.0, np.ones(1)), [-1.0], [1.0])
    assert solution.outcome.code == RAN_AWAY
    assert solution.outcome.t == pytest.approx(1 / 6, rel=1e-9)
    # y' = y²: y = 1/(1 - t) is beyond the largest state before that
    solution, _, _ = run(POWER, [1.0], (2.0, np.ones(1)), [-1.0], [2.0])
    assert solution.outcome.code in (BLEW_UP, RAN_AWAY)
    assert solution.outcome.t == pytest.approx(1.0, rel=1e-7)
    # y' = -√y from 1: y = (1 - t/2)², which is 0 at t = 2 and has no slope beyond
    solution, _, _ = run(ROOT, [1.0], (1.0, np.ones(1)), [-1.0], [5.0])
    assert solution.outcome.code == STUCK
    assert solution.outcome.t == pytest.approx(2.0, rel=1e-6)


class Named(NamedTuple):
    """A class that only these tests can import."""

    k: float


def test_a_class_that_other_processes_cannot_import_is_kept_out_of_the_cache() -> None:
    for constants in (Named(1.0), (Named(1.0),)):
        with pytest.raises(TypeError, match=r"test_solve\.Named: give a plain tuple instead"):
            run(DECAY, [1.0], constants, [0.5], [1.0])
