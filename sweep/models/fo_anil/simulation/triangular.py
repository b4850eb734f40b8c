"""The lower triangular factor of a matrix of few rows, by Householder reflections.

Unlike a Cholesky factor of the Gram matrix it squares nothing: rows that agree to all but the last
digits stay as different as they are, and a Gram matrix without full rank needs no care.
"""

from __future__ import annotations

import math

from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel


@fast_kernel
def triangularize(A: Floats) -> None:
    """Turn the rows of A (K × n) together until A is lower triangular; A Aᵀ stays as it is.

    What lies above the diagonal afterwards is left over and means nothing.
    """
    K, n = A.shape
    for k in range(min(K, n)):
        square = 0.0
        for j in range(k, n):
            square += A[k, j] * A[k, j]
        if square == 0.0:
            continue
        length = math.sqrt(square)
        diagonal = -math.copysign(length, A[k, k])
        first = A[k, k] - diagonal
        scale = 1.0 / (length * abs(first))
        A[k, k] = first
        for row in range(k + 1, K):
            dot = 0.0
            for j in range(k, n):
                dot += A[row, j] * A[k, j]
            dot *= scale
            for j in range(k, n):
                A[row, j] -= dot * A[k, j]
        A[k, k] = diagonal
