"""The triangular factor against the Gram matrix it must have."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.models.fo_anil.simulation.triangular import triangularize
from sweep.ode.arrays import Floats


def factor(A: Floats) -> Floats:
    A = A.copy()
    triangularize(A)
    return np.tril(A)


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (3, 10), (4, 2), (5, 1)])
def test_the_gram_matrix_stays(shape: tuple[int, int]) -> None:
    A = np.random.default_rng(0).standard_normal(shape)
    np.testing.assert_allclose(factor(A) @ factor(A).T, A @ A.T, atol=1e-14)


def test_rows_of_zeros_and_rows_alike_are_no_exception() -> None:
    A = np.random.default_rng(0).standard_normal((4, 6))
    A[0] = 0
    A[2] = A[1]
    L = factor(A)
    np.testing.assert_allclose(L @ L.T, A @ A.T, atol=1e-14)
    np.testing.assert_allclose(L[2], L[1], atol=1e-15)


def test_a_small_difference_of_rows_keeps_its_digits() -> None:
    """A Cholesky factor of the Gram matrix would lose it altogether."""
    A = np.array([[1.0, 0.0, 0.0], [1.0, 3e-10, 4e-10]])
    assert abs(factor(A)[1, 1]) == pytest.approx(5e-10, rel=1e-5)
