"""Kriging beside what it should come to."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.ode.arrays import Floats
from sweep.runner.kriging import OFFSET, Law, Measured, likely_law


def measured(n: int, seed: int = 0, source: int = 0) -> Measured:
    """Some numbers at random places."""
    rng = np.random.default_rng(seed)
    return Measured(rng.random((n, 2)), rng.normal(size=n), np.full(n, source))


def without(some: Measured, i: int) -> Measured:
    keep = np.arange(len(some.y)) != i
    return Measured(some.x[keep], some.y[keep], some.source[keep])


def test_each_is_foretold_from_the_others() -> None:
    law, some = Law(0.7, 0.4, 0.15, (0.3, 1.0)), measured(12)
    alone = [law.foretell(without(some, i), some.x[i : i + 1], 0)[0] for i in range(12)]
    np.testing.assert_allclose(law.foretell_each(some), alone, rtol=1e-9)


def test_the_surprise_is_that_of_a_normal_law() -> None:
    law, some = Law(0.7, 0.4, 0.15, (1.0, 1.0)), measured(5)
    x = some.x
    ways = np.abs(x[:, None, :] - x[None, :, :]).sum(axis=2)
    covariance = 0.7**2 + OFFSET**2 + 0.4**2 * np.exp(-ways) + 0.15**2 * np.eye(5)
    exponent = some.y @ np.linalg.solve(covariance, some.y)
    expected = 0.5 * exponent + 0.5 * np.linalg.slogdet(covariance)[1]
    assert law.surprise(some) == pytest.approx(expected)


@pytest.mark.parametrize("n", [1, 2, 100])
def test_what_is_the_same_everywhere_is_foretold_everywhere(n: int) -> None:
    some = measured(n)
    alike = Measured(some.x, np.full(n, -3.0), some.source)
    found = likely_law(alike, 10.0).foretell(alike, measured(9, seed=1).x, 0)
    np.testing.assert_allclose(found, -3.0, atol=0.1)


def test_an_edge_is_seen_and_an_axis_without_meaning_is_not() -> None:
    def edge(x: Floats) -> Floats:
        return np.where(x[:, 0] > 0.5, 2.0, -1.0)

    some = measured(150)
    seen = Measured(some.x, edge(some.x), some.source)
    law = likely_law(seen, 0.7)
    there = measured(200, seed=1).x
    off = np.abs(law.foretell(seen, there, 0) - edge(there))
    assert np.median(off) < 0.2
    assert law.lengths[1] > 3 * law.lengths[0]


def test_another_source_may_be_off_as_a_whole_and_counts_for_less() -> None:
    x = np.zeros((40, 1))
    y = np.repeat([0.0, 1.0], [35, 5])
    source = np.repeat([0, 1], [35, 5])
    some = Measured(x, y, source)
    law = likely_law(some, 0.7)
    assert law.foretell(some, x[:1], 1)[0] > 0.5 > law.foretell(some, x[:1], 0)[0]


def test_places_without_axes_have_a_level() -> None:
    some = Measured(np.empty((6, 0)), np.ones(6), np.zeros(6, np.int64))
    found = likely_law(some, 0.7).foretell(some, np.empty((3, 0)), 0)
    np.testing.assert_allclose(found, 1.0, atol=0.2)
