"""The derivatives of the overlaps and the error, against plain sums and known numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from sweep.models.fo_anil.erf import ERF
from sweep.models.fo_anil.state import overlaps_of, state
from tests import oracle
from tests.models.fo_anil.cases import Case, cases, known, random_case
from tests.oracle import INF, Floats

DQ = {
    INF: [0.00872000324845336, -0.03434301135792228, 0.02891220250662861],
    100.0: [0.01122766160687569, -0.03529397483916326, 0.03221235365138151],
}
DR = [0.17814054979460192, -0.14886683129967243, 0.04125416120691711, 0.35931528350470526]


@pytest.mark.parametrize("V", [INF, 100.0])
def test_derivatives_have_their_known_values(V: float) -> None:
    dQ, dR = known(V=V).derivative()
    np.testing.assert_allclose(dQ[np.triu_indices(2)], DQ[V], rtol=1e-12, atol=0)
    np.testing.assert_allclose(dR.ravel(), DR, rtol=1e-12, atol=0)


@pytest.mark.parametrize("V", [INF, 100.0])
def test_the_error_has_its_known_value_whatever_V(V: float) -> None:
    assert known(V=V).error() == pytest.approx(0.3486147081450977, rel=1e-12)


def agree(found: Floats, expected: Floats, size: float) -> None:
    """To rounding, given the size of the terms that were added."""
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13 * size)


def terms(case: Case) -> float:
    """The size of the terms that the equations add: readouts, squared, times overlaps."""
    A = oracle.inner_map(case.Q, case.R, case.T, case.eta_w, case.inner_steps, case.sigma_B)
    readout = case.sigma_u * (1 + np.abs(A).max())
    label = case.sigma_u * case.M + case.sigma_y
    overlap = 1 + max(np.abs(part).max() for part in (case.Q, case.R, case.T))
    total = readout * (case.K * readout + label) * overlap
    if case.V != INF:
        total += case.eta_J / case.V * (readout * (case.K * readout + label)) ** 2
    return float(max(case.eta_J, 1) * total)


@settings(max_examples=150)
@given(cases())
def test_derivatives_agree_with_plain_sums_at_any_covariance_and_constants(case: Case) -> None:
    size = terms(case)
    for found, expected in zip(case.derivative(), case.expected_derivative(), strict=True):
        agree(found, expected, size)


@settings(max_examples=150)
@given(cases())
def test_the_error_agrees_with_plain_sums_at_any_covariance_and_constants(case: Case) -> None:
    agree(np.array(case.error()), np.array(case.expected_error()), terms(case))


SHAPES = [(1, 1), (1, 3), (3, 1), (2, 4), (4, 2), (9, 3)]


@pytest.mark.parametrize(("K", "M"), SHAPES)
def test_derivatives_agree_with_plain_sums_for_each_shape_with_and_without_noise(
    K: int, M: int
) -> None:
    for V in (INF, 20.0):
        case = random_case(K, M, seed=K, size=0.4, V=V, sigma_y=0.3, sigma_B=0.2)
        for found, expected in zip(case.derivative(), case.expected_derivative(), strict=True):
            agree(found, expected, terms(case))


def test_task_variability_with_weight_decay_and_least_squares_agrees_with_plain_sums() -> None:
    case = known(inner_steps=INF, sigma_B=0.8, sigma_y=0.5, sigma_u=0.9, weight_decay=0.1, V=3.0)
    for found, expected in zip(case.derivative(), case.expected_derivative(), strict=True):
        agree(found, expected, 1.0)
    agree(np.array(case.error()), np.array(case.expected_error()), 1.0)


def test_the_state_is_the_upper_triangle_of_Q_and_R_by_rows() -> None:
    case = random_case(3, 2, seed=1)
    Q, R = overlaps_of(np.stack([case.y, 2 * case.y]), 3, 2)
    assert case.y.tolist() == [*case.Q[np.triu_indices(3)], *case.R.ravel()]
    np.testing.assert_array_equal(Q, [case.Q, 2 * case.Q])
    np.testing.assert_array_equal(R, [case.R, 2 * case.R])


@pytest.mark.parametrize("V", [INF, 5.0])
@pytest.mark.parametrize("inner_steps", [1.0, 3.0, INF])
def test_a_state_that_is_no_covariance_gives_no_number(V: float, inner_steps: float) -> None:
    case = known(V=V, inner_steps=inner_steps)
    impossible = [
        state(case.Q, 9 * case.R),  # correlations beyond 1
        state(case.Q - 4 * np.eye(2), case.R),  # a negative length, beyond the 1 of the noise
    ]
    for y in impossible:
        assert np.isnan(case.error(y))
        assert np.isnan(case.slope(y)).any()


@pytest.mark.parametrize("V", [INF, 5.0])
def test_a_state_with_one_entry_that_is_no_number_gives_no_number(V: float) -> None:
    case = known(V=V)
    for i in range(7):
        y = case.y.copy()
        y[i] = np.nan
        assert np.isnan(case.error(y))
        assert np.isnan(case.slope(y)).any()


@settings(max_examples=40)
@given(cases())
def test_an_evaluation_leaves_nothing_behind_for_the_next(case: Case) -> None:
    other = replace(case, Q=case.Q + np.eye(case.K), R=case.R / 2)
    fresh = case.slope(case.y)
    used, dy = case.memory, np.empty_like(case.y)
    kind = ERF.equations
    for y in (other.y, np.full_like(dy, np.nan)):
        kind.slope(y, dy, case.problem, used)
        kind.observable(y, case.problem, used)
    kind.slope(case.y, dy, case.problem, used)
    np.testing.assert_array_equal(dy, fresh)
    assert kind.observable(case.y, case.problem, used) == case.error()


@settings(max_examples=40)
@given(cases())
def test_the_derivative_follows_the_units_when_they_are_renumbered(case: Case) -> None:
    order, turn = np.arange(case.K)[::-1], np.roll(np.arange(case.M), 1)
    dQ, dR = case.derivative()
    found = case.with_units(order).with_teacher(turn).derivative()
    agree(found[0], dQ[np.ix_(order, order)], terms(case))
    agree(found[1], dR[np.ix_(order, turn)], terms(case))


def test_without_diffusion_the_clock_alone_depends_on_eta_J() -> None:
    slow, fast = known(eta_J=1.0), known(eta_J=7.0)
    for once, seven in zip(slow.derivative(), fast.derivative(), strict=True):
        np.testing.assert_allclose(7 * once, seven, rtol=1e-14)


def test_with_diffusion_the_clock_alone_depends_on_eta_J_at_a_fixed_ratio_to_V() -> None:
    slow, fast = known(eta_J=1.0, V=4.0), known(eta_J=7.0, V=28.0)
    for once, seven in zip(slow.derivative(), fast.derivative(), strict=True):
        np.testing.assert_allclose(7 * once, seven, rtol=1e-14)


@pytest.mark.parametrize("V", [INF, 3.0])
def test_task_vectors_twice_as_long_drive_four_times_as_fast(V: float) -> None:
    # w is linear in u, and with σ_y scaled alike so is the residual: the drift is of second order
    # in u, the diffusion of fourth, so that a V four times as large brings back the same path.
    one = known(V=V, sigma_u=1.0, sigma_y=0.3)
    two = known(V=4 * V, sigma_u=2.0, sigma_y=0.6)
    for once, four in zip(one.derivative(), two.derivative(), strict=True):
        np.testing.assert_allclose(4 * once, four, rtol=1e-13)
    assert two.error() == pytest.approx(4 * one.error(), rel=1e-14)
