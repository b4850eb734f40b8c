"""The arcsine kernel and the averages made of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sweep.models.fo_anil.averages import arcsine, mean_products
from tests import oracle
from tests.models.fo_anil.cases import C
from tests.oracle import Floats


def furthest(arguments: Floats) -> float:
    """The largest distance from math.asin, in units in the last place."""
    return max(abs(arcsine(x) - math.asin(x)) / math.ulp(math.asin(x)) for x in arguments.tolist())


def test_the_arcsine_is_within_two_ulp_from_minus_one_to_one() -> None:
    assert furthest(np.linspace(-1, 1, 20001)) <= 2


def test_the_arcsine_is_within_two_ulp_close_to_zero_to_one_and_to_where_its_formula_changes() -> (
    None
):
    near_zero = np.geomspace(5e-324, 1e-3, 2000)
    near_one = 1 - np.geomspace(1e-16, 1e-3, 2000)
    change = 0.5 + np.concatenate([-np.geomspace(1e-16, 1e-3, 500), np.geomspace(1e-16, 1e-3, 500)])
    assert furthest(np.concatenate([near_zero, near_one, change])) <= 2


def test_the_arcsine_is_odd_and_exact_at_the_ends() -> None:
    assert arcsine(1.0) == math.pi / 2
    assert arcsine(-1.0) == -math.pi / 2
    assert math.copysign(1, arcsine(-0.0)) == -1
    for x in (1e-300, 0.3, 0.5, 0.7, 1 - 1e-15):
        assert arcsine(-x) == -arcsine(x)


@pytest.mark.parametrize("x", [math.nextafter(1, 2), 1.0001, -2.0, 1e300, math.inf, math.nan])
def test_the_arcsine_of_what_no_covariance_gives_is_no_number(x: float) -> None:
    assert math.isnan(arcsine(x))
    assert math.isnan(arcsine(-x))


def test_products_of_many_pairs_are_the_average_of_each() -> None:
    pairs = [(i, j) for i in range(4) for j in range(4)]
    scale = 1 / np.sqrt(1 + np.diag(C))
    products = np.empty(16)
    mean_products((C * np.outer(scale, scale)).ravel(), products)
    expected = [oracle.I2(C, i, j) for i, j in pairs]
    np.testing.assert_allclose(products, expected, rtol=1e-15, atol=0)
    assert products[2] == pytest.approx(0.10108262410425989, rel=1e-12)
