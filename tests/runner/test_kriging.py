"""Kriging beside what it should come to."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.ode.arrays import Floats
from sweep.runner.kriging import OFFSET, SLOPE, Law, Measured, Places, likely_law


def places(n: int, seed: int = 0) -> Places:
    """Random ones, all of one source."""
    rng = np.random.default_rng(seed)
    return Places(rng.random((n, 2)), rng.normal(size=n), np.zeros(n, np.int64))


def measured(n: int) -> Measured:
    """Some numbers at random places."""
    return Measured(places(n), np.random.default_rng(5).normal(size=n))


def without(some: Measured, i: int) -> Measured:
    keep = np.flatnonzero(np.arange(len(some.y)) != i)
    return Measured(some.at[keep], some.y[keep])


def test_each_is_foretold_from_the_others() -> None:
    law, some = Law(0.7, 0.4, 0.15, (0.3, 1.0)), measured(12)
    alone = [law.foretell(without(some, i), some.at[i : i + 1])[0] for i in range(12)]
    np.testing.assert_allclose(law.foretell_each(some), alone, rtol=1e-9)


def test_the_surprise_is_that_of_a_normal_law() -> None:
    law, some = Law(0.7, 0.4, 0.15, (1.0, 1.0)), measured(5)
    x, z = some.at.x, some.at.z
    ways = np.abs(x[:, None, :] - x[None, :, :]).sum(axis=2)
    covariance = 0.7**2 + OFFSET**2 + SLOPE**2 * np.outer(z, z)
    covariance += 0.4**2 * np.exp(-ways) + 0.15**2 * np.eye(5)
    exponent = some.y @ np.linalg.solve(covariance, some.y)
    expected = 0.5 * exponent + 0.5 * np.linalg.slogdet(covariance)[1]
    assert law.surprise(some) == pytest.approx(expected)


@pytest.mark.parametrize("n", [1, 2, 100])
def test_what_is_the_same_everywhere_is_foretold_everywhere(n: int) -> None:
    alike = Measured(places(n), np.full(n, -3.0))
    found = likely_law(alike, 10.0).foretell(alike, places(9, seed=1))
    np.testing.assert_allclose(found, -3.0, atol=0.1)


def test_an_edge_is_seen_and_an_axis_without_meaning_is_not() -> None:
    def edge(at: Places) -> Floats:
        return np.where(at.x[:, 0] > 0.5, 2.0, -1.0)

    seen = Measured(places(150), edge(places(150)))
    law = likely_law(seen, 0.7)
    there = places(200, seed=1)
    off = np.abs(law.foretell(seen, there) - edge(there))
    assert np.median(off) < 0.2
    assert law.lengths[1] > 3 * law.lengths[0]


def test_another_source_may_be_off_as_a_whole_and_counts_for_less() -> None:
    at = Places(np.zeros((40, 1)), np.zeros(40), np.repeat([0, 1], [35, 5]))
    some = Measured(at, np.repeat([0.0, 1.0], [35, 5]))
    law = likely_law(some, 0.7)
    mine, others = law.foretell(some, at[-1:])[0], law.foretell(some, at[:1])[0]
    assert mine > 0.5 > others


def test_what_goes_as_a_power_is_foretold_beyond_what_was_measured() -> None:
    z = np.linspace(-2, 2, 41)
    along = Places(np.empty((41, 0)), z, np.zeros(41, np.int64))
    some = Measured(along[:20], -0.8 * z[:20])
    found = likely_law(some, 0.7).foretell(some, along[20:])
    np.testing.assert_allclose(found, -0.8 * z[20:], atol=0.2)


def test_places_without_axes_have_a_level() -> None:
    at = Places(np.empty((6, 0)), np.zeros(6), np.zeros(6, np.int64))
    some = Measured(at, np.ones(6))
    found = likely_law(some, 0.7).foretell(some, at[:3])
    np.testing.assert_allclose(found, 1.0, atol=0.2)
