"""Rectified linear units: against quadrature, at the edges of what can be, and under scaling."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sweep.models.fo_anil.differences import differences, from_differences
from sweep.models.fo_anil.model import MODEL
from sweep.models.fo_anil.state import state
from sweep.models.status import NOT_REACHED
from tests.models.fo_anil.cases import Case, known, random_case
from tests.models.fo_anil.option_cases import NOISES, OptionCase, agree, option
from tests.oracle import INF, Floats


def relu(Q: Floats, R: Floats, T: Floats, **constants: float) -> OptionCase:
    return option(Case(Q, R, T, **constants), activation="relu")


@pytest.mark.parametrize("inner_steps", [1.0, 3.0, INF])
@pytest.mark.parametrize(("K", "M"), [(1, 1), (1, 3), (3, 1), (3, 3)])
def test_derivatives_and_error_agree_with_quadrature(K: int, M: int, inner_steps: float) -> None:
    case = random_case(K, M, K + M, 0.5, inner_steps=inner_steps, eta_w=0.7, **NOISES)
    agree(option(case, activation="relu"), rtol=1e-8 if inner_steps == INF else 1e-10)


def test_units_without_overlaps_agree_with_quadrature() -> None:
    # A field that says nothing of another: rectified, both still have a mean.
    agree(relu(np.diag([0.5, 0.7]), np.zeros((2, 2)), np.diag([1.0, 2.0])))


def with_cosines(cosine: float) -> OptionCase:
    """Two units of lengths 1 and 1.2 with this cosine between them, one teacher beside them."""
    first, second = np.array([1.0, 0.0]), 1.2 * np.array([cosine, math.sqrt(1 - cosine**2)])
    J, B = np.stack([first, second]), np.array([[0.3, 0.8]])
    return relu(J @ J.T, J @ B.T, B @ B.T + 0.1)


@pytest.mark.parametrize("cosine", [-1.0, -0.9999, 0.0, 0.9999, 1.0])
def test_units_at_any_angle_agree_with_quadrature(cosine: float) -> None:
    agree(with_cosines(cosine), rtol=1e-9)


@pytest.mark.parametrize("sign", [-1, 1])
def test_nothing_jumps_where_units_become_parallel(sign: int) -> None:
    edge, near = with_cosines(sign), with_cosines(sign * (1 - 1e-14))
    for found, limit in zip(near.derivative(), edge.derivative(), strict=True):
        np.testing.assert_allclose(found, limit, rtol=1e-5, atol=1e-6)


def test_identical_units_move_alike() -> None:
    alike = np.full((2, 2), 0.6)
    dQ, dR = relu(alike, np.array([[0.2, 0.1]] * 2), np.diag([1.0, 2.0])).derivative()
    np.testing.assert_array_equal(dQ, dQ[0, 0])
    np.testing.assert_array_equal(dR[0], dR[1])
    assert np.isfinite(dR).all()


def test_a_unit_of_length_zero_does_not_move_nor_disturb_the_others() -> None:
    case = option(random_case(2, 2, seed=1), activation="relu")
    Q, R = np.zeros((3, 3)), np.zeros((3, 2))
    Q[1:, 1:], R[1:] = case.Q, case.R
    dQ, dR = replace(case, Q=Q, R=R).derivative()
    expected = case.derivative()
    assert np.all(dQ[0] == 0)
    assert np.all(dR[0] == 0)
    np.testing.assert_allclose(dQ[1:, 1:], expected[0], rtol=1e-14)
    np.testing.assert_allclose(dR[1:], expected[1], rtol=1e-14)
    assert replace(case, Q=Q, R=R).error() == pytest.approx(case.error(), rel=1e-14)


def test_a_student_that_is_the_teacher_has_no_error_under_least_squares() -> None:
    T = np.array([[1.0, 0.3], [0.3, 2.0]])
    case = relu(T, T, T, inner_steps=INF)
    assert case.error() == pytest.approx(0.0, abs=1e-14)
    for part in case.derivative():
        np.testing.assert_allclose(part, 0.0, atol=1e-13)


def test_units_twice_as_long_are_readouts_twice_as_large() -> None:
    # max(0, 2z) = 2 max(0, z): one step from doubled J with η_w/4 is the same function.
    one = option(known(), activation="relu")
    two = replace(one, Q=4 * one.Q, R=2 * one.R, eta_w=one.eta_w / 4)
    assert two.error() == pytest.approx(one.error(), rel=1e-14)


def test_a_state_that_is_no_covariance_gives_no_number() -> None:
    case = option(known(), activation="relu")
    for y in (state(case.Q, 9 * case.R), state(case.Q - np.eye(2), case.R)):
        assert np.isnan(case.error(y))
        assert np.isnan(case.slope(y)).any()


def test_units_of_any_length_learn_alike() -> None:
    # lengths c, and η_w/c²: readouts 1/c, and the dynamics of Q/c² and R/c is c⁻² as fast
    one = option(known(), activation="relu")
    for c in (1e-3, 1e-6):
        short = replace(one, Q=c**2 * one.Q, R=c * one.R, eta_w=one.eta_w / c**2)
        assert short.error() == pytest.approx(one.error(), rel=1e-12)
        np.testing.assert_allclose(short.derivative()[0], one.derivative()[0], rtol=1e-11)
        np.testing.assert_allclose(c * short.derivative()[1], one.derivative()[1], rtol=1e-11)


def test_a_unit_as_short_as_rounding_counts_as_one_of_length_zero() -> None:
    case = option(random_case(2, 2, seed=1), activation="relu")
    shrunk = np.array([1e-14, 1.0])
    short = replace(case, Q=case.Q * np.outer(shrunk, shrunk), R=case.R * shrunk[:, None])
    none = replace(case, Q=case.Q * np.diag([0.0, 1.0]), R=case.R * np.array([[0.0], [1.0]]))
    for found, expected in zip(short.derivative(), none.derivative(), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-13)


def test_a_unit_without_length_can_have_no_overlap() -> None:
    case = option(known(), activation="relu")
    assert np.isnan(
        replace(case, Q=case.Q * np.diag([0.0, 1.0])).slope(case.y * [0, 0, 1, 1, 1, 1, 1])
    ).any()


@pytest.mark.parametrize(("K", "M"), [(1, 1), (1, 3), (2, 1), (3, 2), (5, 3)])
def test_states_are_written_as_differences_and_read_again(K: int, M: int) -> None:
    cases = [random_case(K, M, seed) for seed in range(3)]
    states = np.stack([case.y for case in cases])
    written = differences(states, K, M)
    np.testing.assert_allclose(from_differences(written, K, M), states, rtol=0, atol=1e-15)
    Q, R, y = cases[1].Q, cases[1].R, iter(written[1])
    for k in range(K):
        for l in range(k, K):
            reference = {(0, 0): Q[0, 1] if K > 1 else 0, (0, 1): 0}.get(
                (k, l), Q[0, 0] if k == l else Q[0, min(1, K - 1)]
            )
            assert next(y) == Q[k, l] - reference
    for k in range(K):
        for n in range(M):
            assert next(y) == (R[k, n] - R[0, n] if k else R[0, n])
    assert next(y, None) is None


@pytest.mark.parametrize("inner_steps", [1.0, 3.0, INF])
@pytest.mark.parametrize("apart", [1.0, 1e-4])
def test_slopes_of_differences_have_their_own_digits(inner_steps: float, apart: float) -> None:
    # Units that differ by 1e-9 and by 1e-12 in the same direction: nearly all of the slope is
    # shared, what is left is in proportion. apart: the part of the lengths that is not shared.
    K, M = 4, 3
    rng = np.random.default_rng(5)
    Q = np.full((K, K), 0.9) + apart**2 * np.eye(K)
    R = np.ones((K, 1)) * np.array([0.1, 0.2, 0.3])
    dQ, dR = rng.standard_normal((K, K)), rng.standard_normal((K, M))

    def slope(size: float) -> Floats:
        size = size * apart**2
        case = relu(Q, R, np.diag([1.0, 2.0, 3.0]), inner_steps=inner_steps, eta_w=0.9)
        # the deviations go into the state as they are, since no matrix of order one could hold them
        y = differences(case.y, K, M)
        y += size * differences(state(dQ + dQ.T, dR), K, M)
        dy = np.empty_like(y)
        case.kind.equations.slope(y, dy, case.problem, case.memory)
        shared = np.zeros(K * (K + 1) // 2 + K * M, dtype=bool)
        shared[[0, 1]] = True
        shared[K * (K + 1) // 2 : K * (K + 1) // 2 + M] = True
        return dy[~shared] / size

    large, small = slope(1e-8), slope(1e-12)
    scale = np.abs(large).max()
    assert np.abs(small - large).max() < 1e-6 * scale
    assert np.abs(slope(1e-12) - slope(1e-13)).max() < 1e-9 * scale


RARE = {"R0": 1e-12, "activation": "relu"}


@pytest.mark.parametrize(
    ("options", "time"),
    [
        ({"weight_decay": 0.2, "eta_w": 2.0, "target_error": 0.2, "seed": 2}, 38.926848),
        ({"inner_steps": 3.0, "eta_w": 1.0, "target_error": 0.05, "seed": 0}, 27.193802),
        ({"inner_steps": INF, "eta_w": 1.0, "target_error": 0.05, "seed": 0}, 5.535688),
        ({"K": 7, "eta_w": 2.0, "target_error": 0.2, "seed": 0}, 23.112443),
    ],
)
def test_times_from_starts_of_1e_12_hold_at_every_tolerance(
    options: dict[str, Any], time: float
) -> None:
    # The first: 38.92 in arithmetic of 40 digits.
    cell = {parameter.name: parameter.default for parameter in MODEL.parameters}
    for rtol in (1e-9, 9e-10, 1e-11):
        found = MODEL.solve(MODEL.alone({**cell, **RARE, **options}), {"rtol": rtol, "atol": 1e-20})
        assert found.time_to_target[0] == pytest.approx(time, abs=2e-6)


def test_the_error_of_units_that_all_start_alike_does_not_hang_on_the_tolerance() -> None:
    cell = {parameter.name: parameter.default for parameter in MODEL.parameters}
    cell |= {**RARE, "eta_w": 1.0, "seed": 10}
    statuses, errors = [], []
    for rtol in (1e-9, 1e-10, 1e-12):
        found = MODEL.solve(MODEL.alone(cell), {"rtol": rtol, "atol": 1e-20})
        statuses.append(found.status[0])
        errors.append(found.error_final[0])
    assert len(set(statuses)) == 1
    assert errors == pytest.approx([errors[-1]] * 3, rel=1e-6)


@pytest.mark.parametrize("activation", ["erf", "relu", "linear"])
@pytest.mark.parametrize("inner_steps", [1.0, INF])
@pytest.mark.parametrize("K", [3, 4])
def test_a_state_at_rest_is_followed_to_the_end_of_its_window(
    activation: str, inner_steps: float, K: int
) -> None:
    # Least squares with more units than the teacher has: some come to coincide.
    cell = {parameter.name: parameter.default for parameter in MODEL.parameters}
    for seed in (0, 1):
        given = {"K": K, "activation": activation, "inner_steps": inner_steps, "seed": seed}
        given |= {"eta_w": 1.0, "eta_J": 30.0, "target_error": 0.0}
        found = MODEL.solve(MODEL.alone({**cell, **given}), {"rtol": 1e-9, "atol": 1e-20})
        assert found.status[0] == NOT_REACHED, found.message
        assert found.time_final[0] == 450.0
        assert found.rhs_evaluations < 50_000


@pytest.mark.parametrize(("eta_w", "weight_decay"), [(0.1, 2.371374), (0.316228, 5.623413)])
def test_units_that_decay_to_what_is_no_longer_resolved_come_to_rest(
    eta_w: float, weight_decay: float
) -> None:
    cell = {parameter.name: parameter.default for parameter in MODEL.parameters}
    given = {**RARE, "eta_w": eta_w, "weight_decay": weight_decay, "target_error": 0.0}
    found = MODEL.solve(MODEL.alone({**cell, **given}), {"rtol": 1e-9, "atol": 1e-20})
    assert found.status[0] == NOT_REACHED, found.message
    assert np.abs(found.lists["Q"]).max() < 1e-15
