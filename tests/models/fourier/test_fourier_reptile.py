"""Reptile's inner loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.models.fourier.features import features
from sweep.models.fourier.reptile import joint_descent
from tests.models.fourier.oracle_fourier import joint_loop

# x = (-.75, -.25, .3, .9) on a pool of 40.
PHI = features(np.array([5, 15, 26, 38]), 5, 40)
LABELS = PHI[:, :3] @ [1, -0.5, 0.25]


def test_numbers() -> None:
    w, c = joint_descent(
        np.array([1, 0.8, 0.6, 0.4, 0.2]),
        np.array([0.1, -0.1, 0.05, -0.05, 0.1]),
        PHI,
        LABELS,
        0.1,
        3,
    )
    expected = (
        1.1064259643649121,
        0.8351633007355317,
        0.6046247937638322,
        0.40017826339326024,
        0.20064759124287934,
    )
    np.testing.assert_allclose(w, expected, rtol=0, atol=1e-14)
    assert c[0] == pytest.approx(0.5464268954013684, abs=1e-14)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 8), st.integers(1, 5), st.integers(1, 6), st.integers(0, 2**32))
def test_equals_the_oracle(n: int, R: int, steps: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    D = 2 * R + 1
    phi, y = features(rng.permutation(24)[:n], D, 24), rng.standard_normal(n)
    w, c = rng.random(D), rng.standard_normal(D)
    found = joint_descent(w, c, phi, y, 0.02, steps)
    np.testing.assert_allclose(found, joint_loop(w, c, phi, y, 0.02, steps), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.floats(1e-4, 0.2))
def test_difference_of_squares_is_nearly_conserved(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    w, c = rng.random(5), rng.standard_normal(5)
    g = PHI.T @ (PHI @ (w * c) - LABELS) * (2 / 4)
    w_next, c_next = joint_descent(w, c, PHI, LABELS, rate, 1)
    expected = (w**2 - c**2) * (1 - rate**2 * g**2)
    np.testing.assert_allclose(w_next**2 - c_next**2, expected, rtol=1e-11, atol=1e-11)


def test_arguments_are_left_alone() -> None:
    w, c = np.ones(5), np.full(5, 0.1)
    joint_descent(w, c, PHI, LABELS, 0.1, 2)
    assert np.array_equal(w, np.ones(5))
    assert np.array_equal(c, np.full(5, 0.1))
