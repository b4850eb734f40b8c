"""The equations of erf units at finite P, against known numbers, plain sums and their limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sweep.models.fo_anil.state import state
from tests.models.fo_anil.cases import known, random_case
from tests.models.fo_anil.option_cases import NOISES, agree, option
from tests.oracle import INF

DR = [0.16419168565616962, -0.1439665803052508, 0.03594769750406879, 0.3432575244691183]
DQ = {
    INF: [-0.06499717085941127, -0.05755758371744485, -0.02738229016542454],
    10.0: [-0.01269517054127027, -0.06360326274336309, 0.03036404042279525],
}


@pytest.mark.parametrize("V", [INF, 10.0])
def test_derivatives_and_error_have_their_known_values(V: float) -> None:
    case = option(known(V=V), P=20.0)
    dQ, dR = case.derivative()
    np.testing.assert_allclose(dQ[np.triu_indices(2)], DQ[V], rtol=1e-11, atol=0)
    np.testing.assert_allclose(dR.ravel(), DR, rtol=1e-12, atol=0)
    assert case.error() == pytest.approx(0.3747404915261318, rel=1e-12)


@pytest.mark.parametrize("V", [INF, 5.0])
@pytest.mark.parametrize(("K", "M"), [(1, 1), (1, 3), (3, 1), (2, 2), (3, 3)])
def test_derivatives_and_error_agree_with_plain_sums(K: int, M: int, V: float) -> None:
    agree(option(random_case(K, M, seed=K + 5 * M, size=0.5, V=V, **NOISES), P=7.0))


@pytest.mark.parametrize("name", sorted(NOISES))
def test_each_noise_alone_agrees_with_plain_sums(name: str) -> None:
    agree(option(known(V=4.0, **{name: NOISES[name]}), P=3.0))


def test_a_single_sample_agrees_with_plain_sums() -> None:
    agree(option(known(**NOISES), P=1.0))


@pytest.mark.parametrize("V", [INF, 5.0])
def test_many_samples_are_infinitely_many(V: float) -> None:
    case = option(known(V=V, **NOISES), P=1e15)
    limit = replace(case, P=INF)
    for found, expected in zip(case.derivative(), limit.derivative(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    assert case.error() == pytest.approx(limit.error(), rel=1e-13)


def test_fewer_samples_leave_more_error() -> None:
    errors = [option(known(), P=P).error() for P in (1.0, 2.0, 10.0, 100.0, INF)]
    assert errors == sorted(errors, reverse=True)
    assert len(set(errors)) == 5


def test_the_error_exceeds_its_limit_by_a_multiple_of_one_over_P() -> None:
    limit = option(known(**NOISES), P=INF).error()
    excess = [P * (option(known(**NOISES), P=P).error() - limit) for P in (1.0, 10.0, 1000.0)]
    np.testing.assert_allclose(excess, excess[0], rtol=1e-10)


@pytest.mark.parametrize("V", [INF, 5.0])
def test_a_state_that_is_no_covariance_gives_no_number(V: float) -> None:
    case = option(known(V=V), P=10.0)
    for y in (state(case.Q, 9 * case.R), state(case.Q - 4 * np.eye(2), case.R)):
        assert np.isnan(case.error(y))
        assert np.isnan(case.slope(y)).any()


def test_an_evaluation_leaves_nothing_behind_for_the_next() -> None:
    case = option(known(V=5.0), P=10.0)
    fresh, dy, used = case.slope(case.y), np.empty_like(case.y), case.memory
    for y in (2 * case.y, np.full_like(dy, np.nan)):
        case.kind.equations.slope(y, dy, case.problem, used)
        case.kind.equations.observable(y, case.problem, used)
    case.kind.equations.slope(case.y, dy, case.problem, used)
    np.testing.assert_array_equal(dy, fresh)
    assert case.kind.equations.observable(case.y, case.problem, used) == case.error()


def test_the_derivative_follows_the_units_when_they_are_renumbered() -> None:
    case = option(random_case(3, 2, seed=4, size=0.5, V=5.0, **NOISES), P=6.0)
    order, turn = [2, 0, 1], [1, 0]
    dQ, dR = case.derivative()
    found = case.with_units(order).with_teacher(turn).derivative()
    np.testing.assert_allclose(found[0], dQ[np.ix_(order, order)], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(found[1], dR[np.ix_(order, turn)], rtol=1e-11, atol=1e-13)
