"""Trajectories against SciPy at tight tolerances, and what an integrator must never do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import fsolve

from sweep.models.fo_anil.state import overlaps_of
from sweep.ode.integrator import BLEW_UP, FINISHED, LARGEST_STATE, TOO_LONG
from tests.models.fo_anil.cases import Case, cases, graded, known, random_case
from tests.models.fo_anil.paths import sampled, scipy_crossing, scipy_path, solve
from tests.oracle import INF, Floats

TANGLED = np.array([[1.0, 0.3, 0.1], [0.3, 2.0, 0.2], [0.1, 0.2, 3.0]])

# The last digit of α* = 47.1722452 at K = 3, η_w = 2 is by the plain sums of the oracle with SciPy.
TIMES = [(3, 2, 47.1722452), (3, 3, 29.8644994), (4, 3, 28.783662), (5, 3, 43.462145),
         (6, 2, 40.986974), (9, 2, 50.925081), (9, 3, 51.244972)]  # fmt: skip


@pytest.mark.parametrize(("K", "eta_w", "time"), TIMES)
def test_times_to_the_target_have_their_known_values(K: int, eta_w: float, time: float) -> None:
    _, crossing, _ = solve(graded(K, 3, eta_w), [0.01], 1350.0)
    assert crossing[0] / 3 == pytest.approx(time, abs=1e-6)


@pytest.mark.parametrize(("eta_w", "error"), [(4, 0.016455), (6, 0.028092), (9, 0.037319)])
def test_cells_out_of_reach_settle_at_their_known_errors(eta_w: float, error: float) -> None:
    _, crossing, end_value = solve(graded(3, 3, eta_w), [0.01], 1350.0)
    assert np.isnan(crossing[0])
    assert end_value[0] == pytest.approx(error, abs=1e-6)


CELLS = {
    "K < M": (graded(2, 3, 2.0), 0.3),
    "K > M": (graded(5, 3, 3.0), 0.01),
    "T not diagonal": (replace(graded(4, 3, 2.5), T=TANGLED), 0.02),
    "an explicit start": (random_case(3, 3, 4, 0.5, eta_w=2.0, eta_J=3.0), 0.02),
    "an explicit start, K > M": (random_case(5, 2, 4, 0.4, eta_w=2.0, eta_J=3.0), 0.02),
    "finite V": (graded(3, 3, 2.5, V=100.0, eta_J=30.0), 0.01),
    "finite V, an explicit start, label noise": (
        random_case(3, 2, 7, 0.5, eta_w=2.0, eta_J=3.0, V=20.0, sigma_y=0.2),
        0.02,
    ),
    "two inner steps, variable teacher, decay": (
        graded(3, 3, 1.5, inner_steps=2.0, sigma_u=1.2, sigma_B=0.3, weight_decay=1e-3),
        0.35,
    ),
    "least squares": (graded(3, 3, 1.5, inner_steps=INF), 0.001),
}


@pytest.mark.parametrize("cell", CELLS)
def test_times_to_the_target_agree_with_scipy(cell: str) -> None:
    case, target = CELLS[cell]
    expected = scipy_crossing(case, target, 1350.0)
    solution, crossing, _ = solve(case, [target], 1350.0)
    assert crossing[0] == pytest.approx(expected, abs=1e-7)
    assert case.error(solution.replies.crossing_state[0]) == pytest.approx(target, rel=1e-9)


def test_an_implicit_method_agrees_too() -> None:
    case, target = CELLS["an explicit start"]
    expected = scipy_crossing(case, target, 1350.0, method="Radau", rtol=1e-10)
    _, crossing, _ = solve(case, [target], 1350.0)
    assert crossing[0] == pytest.approx(expected, abs=1e-7)


@settings(max_examples=20)
@given(cases(largest=3), st.floats(0.05, 0.9))
def test_times_and_states_agree_with_scipy_for_any_case(case: Case, fraction: float) -> None:
    until = 5.0
    path = scipy_path(case, until)
    solution, _, end_value = solve(case, [-1.0], until)
    assert solution.outcome.code == FINISHED
    assert end_value[0] == pytest.approx(case.error(path.y[:, -1]), rel=1e-6, abs=1e-9)
    start = case.error()
    fall = start - case.error(path.y[:, -1])
    if fall > 1e-3 * start:  # a smaller one says little about the time
        target = start - fraction * fall
        _, crossing, _ = solve(case, [target], until)
        assert crossing[0] == pytest.approx(scipy_crossing(case, target, until), rel=1e-6)


DIP = known(eta_w=3.0, eta_J=10.0, V=10.0)
"""ε falls from 0.349 to 0.156 and, by the noise, rises again to 0.33."""


def lowest(case: Case, until: float) -> tuple[float, float]:
    """Where ε is lowest, by SciPy, and how low."""
    path = scipy_path(case, until, dense_output=True).sol
    times = np.linspace(0.0, until, 5001)
    for _ in range(3):
        errors = [case.error(y) for y in path(times).T.copy()]
        at = int(np.argmin(errors))
        times = np.linspace(times[max(at - 1, 0)], times[min(at + 1, 5000)], 5001)
    return float(times[2500]), float(min(errors))


def test_a_dip_within_a_step_is_found_however_shallow() -> None:
    time, depth = lowest(DIP, 60.0)
    assert depth < min(DIP.error(), sampled(DIP, np.array([60.0]))[1][0]) - 0.1
    for above in (1e-10, 1e-8, 1e-6, 1e-4, 1e-2):
        expected = scipy_crossing(DIP, depth + above, time)
        _, crossing, _ = solve(DIP, [depth + above], 60.0)
        assert crossing[0] == pytest.approx(expected, abs=1e-6 if above > 1e-7 else 1e-3)
        assert crossing[0] < time + 1e-3


def test_a_target_below_the_dip_is_not_reached() -> None:
    _, depth = lowest(DIP, 60.0)
    for below in (1e-10, 1e-6, 1e-2):
        _, crossing, end_value = solve(DIP, [depth - below], 60.0)
        assert np.isnan(crossing[0])
        assert end_value[0] > depth


@pytest.mark.parametrize("target", [1.0, 5.0])
def test_a_target_that_holds_at_the_start_is_reached_at_time_zero(target: float) -> None:
    case = known()
    solution, crossing, _ = solve(case, [target * case.error()], 10.0)
    assert crossing[0] == 0.0
    np.testing.assert_array_equal(solution.replies.crossing_state[0], case.y)


QUESTIONS = [(0.3, 90.0), (0.3, 3.0), (0.1, 60.0), (0.02, 140.0), (0.02, 20.0), (0.01, 100.0)]


@pytest.mark.parametrize("case", [graded(3, 3, 2.0), graded(4, 3, 3.0, V=50.0), DIP])
def test_questions_asked_together_are_answered_as_those_asked_alone(case: Case) -> None:
    questions = [*QUESTIONS, *((0.156 + d, 60.0) for d in (1e-5, 1e-3, 1e-2)), (0.9, 5.0)]
    targets, ends = zip(*questions, strict=True)
    _, crossing, end_value = solve(case, targets, ends)
    for i, (target, end) in enumerate(questions):
        _, time, error = solve(case, [target], end)
        inside = crossing[i] <= end
        assert inside == (time[0] <= end)
        if inside:
            assert crossing[i] == time[0]
        else:
            assert end_value[i] == error[0]


def test_the_end_of_a_window_is_met_exactly_wherever_it_lies() -> None:
    case = graded(3, 3, 4.0)
    times = np.array([1e-9, 0.1, 33.0, 77.7, 500.0, 1500.0])
    states, errors = sampled(case, times)
    for i, time in enumerate(times):
        expected = scipy_path(case, time).y[:, -1]
        np.testing.assert_allclose(states[i], expected, rtol=1e-6, atol=1e-9)
        assert errors[i] == case.error(states[i])


@pytest.mark.parametrize("eta_w", [4.0, 9.0])
def test_a_stiff_tail_ends_at_the_fixed_point_and_a_longer_one_costs_little_more(
    eta_w: float,
) -> None:
    case = graded(3, 3, eta_w)
    usual, _, _ = solve(case, [0.01], 1e4)
    longer, _, _ = solve(case, [0.01], 1e6)
    settled = longer.replies.end_state[0]
    fixed = fsolve(case.slope, settled, xtol=1e-13)
    np.testing.assert_allclose(settled, fixed, rtol=0, atol=1e-9)
    assert longer.evaluations < 2 * usual.evaluations
    explicit = scipy_path(case, 1e3, rtol=1e-9, atol=1e-20).nfev
    assert longer.evaluations < explicit  # to a thousandth of the time


def test_a_mode_that_has_died_out_does_not_come_back_at_the_edge_of_stability() -> None:
    # From α = 18 on the state rests, and steps grow until the fastest mode no longer fades.
    T = np.diag([2.700336, 0.582326, 1.201199, 2.330324, 3.624703, 0.604819])
    R = 0.01 * np.random.default_rng(840).random((6, 6))
    case = Case(0.513427 * np.eye(6), R, T, eta_w=1.5313, eta_J=62.8675)
    times = np.linspace(15.0, 25.0, 201) * case.eta_J
    errors = sampled(case, times)[1]
    closer = sampled(case, times, rtol=1e-12)[1]
    np.testing.assert_allclose(errors, closer, rtol=1e-8)
    assert np.isnan(solve(case, [0.03082498], 25.0 * case.eta_J)[1][0])


def test_a_start_on_the_edge_of_the_covariances_is_followed() -> None:
    # Two units that coincide, and a third one along a teacher direction.
    T = np.diag([1.0, 2.0])
    Q = np.array([[0.5, 0.5, 0.1], [0.5, 0.5, 0.1], [0.1, 0.1, 1.0]])
    R = np.array([[0.1, 0.2], [0.1, 0.2], [1.0, 0.0]])
    case = Case(Q, R, T, eta_w=2.0, eta_J=3.0)
    assert abs(np.linalg.eigvalsh(np.block([[Q, R], [R.T, T]]))[0]) < 1e-12
    solution, crossing, _ = solve(case, [0.05], 1350.0)
    assert solution.outcome.code == FINISHED
    assert crossing[0] == pytest.approx(scipy_crossing(case, 0.05, 1350.0), abs=1e-6)


@settings(max_examples=30)
@given(cases(), st.sampled_from([1e-2, 1e-4]))
def test_loose_tolerances_leave_no_trajectory_outside_the_covariances(
    case: Case, rtol: float
) -> None:
    # Steps this long try stages that are no covariance; they must be rejected, not followed.
    solution, _, end_value = solve(case, [-1.0], 300.0, rtol=rtol, atol=1e-8)
    assert np.isfinite(end_value[0]) == (solution.outcome.code == FINISHED)
    if np.isfinite(end_value[0]):
        assert end_value[0] >= 0
        Q, R = overlaps_of(solution.replies.end_state[0], case.K, case.M)
        spectrum = np.linalg.eigvalsh(np.block([[Q, R], [R.T, case.T]]))
        assert spectrum[0] > -0.1 * spectrum[-1]


@settings(max_examples=15)
@given(cases())
def test_overlaps_remain_a_covariance_along_the_way(case: Case) -> None:
    states, _ = sampled(case, np.linspace(0.5, 50.0, 40))
    for Q, R in zip(*overlaps_of(states, case.K, case.M), strict=True):
        if np.isnan(Q).any():
            break
        spectrum = np.linalg.eigvalsh(np.block([[Q, R], [R.T, case.T]]))
        assert spectrum[0] > -1e-7 * spectrum[-1]


def agree(found: Floats, expected: Floats) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


@settings(max_examples=10)
@given(cases(largest=3))
def test_trajectories_follow_the_units_when_they_are_renumbered(case: Case) -> None:
    order, turn = np.arange(case.K)[::-1], np.roll(np.arange(case.M), 1)
    times = np.array([1.0, 4.0])
    states, errors = sampled(case, times)
    moved, same = sampled(case.with_units(order).with_teacher(turn), times)
    Q, R = overlaps_of(states, case.K, case.M)
    Q_moved, R_moved = overlaps_of(moved, case.K, case.M)
    agree(same, errors)
    agree(Q_moved, Q[:, order][:, :, order])
    agree(R_moved, R[:, order][:, :, turn])


def test_an_error_that_is_no_number_at_the_start_ends_at_once() -> None:
    case = known()
    solution, crossing, end_value = solve(replace(case, Q=np.full((2, 2), np.nan)), [0.01], 9.0)
    assert (solution.outcome.code, solution.outcome.t) == (BLEW_UP, 0.0)
    assert np.isnan([*crossing, *end_value]).all()
    assert solution.evaluations < 5


RUNAWAY = known(eta_J=1e9, V=1.0, eta_w=3.0)


def test_overlaps_that_run_away_end_as_a_blow_up() -> None:
    solution, crossing, end_value = solve(RUNAWAY, [0.01], 1e12)
    assert solution.outcome.code == BLEW_UP
    assert np.abs(solution.last).max() > LARGEST_STATE
    assert np.isnan([*crossing, *end_value]).all()


def test_a_window_that_closes_before_the_blow_up_is_answered_even_in_its_last_step() -> None:
    solution, _, _ = solve(RUNAWAY, [0.01], 1e12)
    ends = solution.outcome.t * np.array([0.3, 0.9, 0.999, 1 - 1e-6, 1 + 1e-6])
    _, errors = sampled(RUNAWAY, ends)
    assert np.isfinite(errors[:-1]).all()
    assert np.isnan(errors[-1])


def test_an_integration_gives_up_after_so_many_steps() -> None:
    solution, crossing, end_value = solve(graded(3, 3, 3.0), [0.01], 1350.0, max_steps=7)
    assert solution.outcome.code == TOO_LONG
    assert 0 < solution.outcome.t < 1350.0
    assert np.isnan([*crossing, *end_value]).all()
    enough, crossing, _ = solve(graded(3, 3, 3.0), [0.01], 1350.0, max_steps=1000)
    assert enough.outcome.code == FINISHED
    assert crossing[0] / 3 == pytest.approx(29.8644994, abs=1e-6)


def test_tighter_tolerances_bring_the_answer_closer() -> None:
    case = graded(3, 3, 2.5, V=100.0)
    exact = scipy_crossing(case, 0.01, 1350.0)
    found = [solve(case, [0.01], 1350.0, rtol)[1][0] for rtol in (1e-4, 1e-6, 1e-8)]
    distances = np.abs(np.array(found) - exact)
    assert (distances[1:] < distances[:-1] / 5).all()
