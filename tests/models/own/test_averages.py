"""The public averages of erf units, against the oracle (held by quadrature) and known numbers."""

from __future__ import annotations

from itertools import product
from typing import Any

import numba
import numpy as np
import pytest

from sweep.models.averages import I2, I3, I4, J2
from sweep.ode.arrays import Floats
from tests import oracle

C = np.array([[0.8, 0.1, 0.3, -0.2], [0.1, 0.6, 0.05, 0.4], [0.3, 0.05, 1, 0], [-0.2, 0.4, 0, 2]])

AVERAGES = [(I2, oracle.I2, 2), (I3, oracle.I3, 3), (I4, oracle.I4, 4), (J2, oracle.slopes, 2)]


@numba.njit
def from_compiled(C: Floats, i: int, j: int, k: int, l: int) -> tuple[float, float, float, float]:
    """All four, called as a model of one's own calls them."""
    return I2(C, i, j), I3(C, i, j, k), I4(C, i, j, k, l), J2(C, i, j)


@pytest.mark.parametrize(("average", "slow", "count"), AVERAGES)
def test_every_average_is_the_oracle_s_whichever_indices_coincide(
    average: Any, slow: Any, count: int
) -> None:
    for indices in product(range(4), repeat=count):
        assert average(C, *indices) == pytest.approx(slow(C, *indices), rel=1e-13, abs=1e-15)


def test_known_numbers() -> None:
    """From quadrature in four dimensions."""
    assert I2(C, 0, 2) == pytest.approx(0.10108262410425989, rel=1e-13)
    assert I3(C, 0, 1, 2) == pytest.approx(0.011326749869448404, rel=1e-13)
    assert I3(C, 0, 1, 0) == pytest.approx(0.021934156805515352, rel=1e-13)
    assert I4(C, 0, 1, 2, 3) == pytest.approx(0.002501431506722311, rel=1e-13)
    assert I4(C, 0, 0, 2, 2) == pytest.approx(0.12643197394725447, rel=1e-13)
    assert I4(C, 0, 1, 0, 3) == pytest.approx(-0.014753009619226966, rel=1e-13)
    assert J2(C, 0, 0) == pytest.approx(2 / np.pi / np.sqrt(1 + 2 * 0.8), rel=1e-13)


def test_compiled_functions_get_what_python_gets() -> None:
    for i, j, k, l in product(range(4), repeat=4):
        alone = I2(C, i, j), I3(C, i, j, k), I4(C, i, j, k, l), J2(C, i, j)
        assert from_compiled(C, i, j, k, l) == pytest.approx(alone, rel=1e-13, abs=1e-15)


def test_factors_of_one_kind_may_be_exchanged() -> None:
    for i, j, k, l in product(range(4), repeat=4):
        assert I2(C, i, j) == pytest.approx(I2(C, j, i), rel=1e-13)
        assert J2(C, i, j) == pytest.approx(J2(C, j, i), rel=1e-13)
        first = I4(C, i, j, k, l)
        for other in (I4(C, j, i, k, l), I4(C, i, j, l, k)):
            assert other == pytest.approx(first, rel=1e-13, abs=1e-15)


def test_slopes_are_the_derivative_of_the_average_of_two_units() -> None:
    """∂<g_i g_j>/∂C_ij = <g'_i g'_j> for i ≠ j."""
    step = np.zeros((4, 4))
    step[0, 1] = step[1, 0] = 1e-5
    difference = (I2(C + step, 0, 1) - I2(C - step, 0, 1)) / 2e-5
    assert J2(C, 0, 1) == pytest.approx(difference, rel=1e-8)


def test_what_is_no_covariance_gives_nan() -> None:
    wrong = np.array([[0.5, 3.0], [3.0, 0.5]])
    values = I2(wrong, 0, 1), I3(wrong, 0, 1, 1), I4(wrong, 0, 1, 0, 1), J2(wrong, 0, 1)
    assert np.isnan(values).all()
