"""The inner loop of more than one step at P = ∞: the matrix A (K × M) with w = A u.

A ← A + η_w (I_JB - I_JJ A) from A = 0, with I_JB (K × M) and I_JJ (K × K) the averages <g g> of
students with teachers and with students; infinitely many steps solve I_JJ A = I_JB. It diverges
with the number of steps where η_w λ_max(I_JJ) > 2. Matrices are flat, by rows.
"""

from __future__ import annotations

import math

from sweep.ode.arrays import Floats
from sweep.ode.compiled import inlined_kernel, inner_kernel

SINGULAR = 1e-12
"""Least squares has no one solution where a pivot is this small, relative to its diagonal entry."""


@inlined_kernel
def adapt(
    eta_w: float, steps: float, JJ: Floats, JB: Floats, A: Floats, spare: Floats, K: int, M: int
) -> None:
    """Write A after `steps` steps (math.inf: least squares). spare: at least K² + K M numbers."""
    if math.isinf(steps):
        _least_squares(JJ, JB, A, spare, K, M)
        return
    for i in range(K * M):
        A[i] = eta_w * JB[i]
    residual = spare
    for _ in range(1, int(steps)):
        for k in range(K):
            for m in range(M):
                total = JB[k * M + m]
                for j in range(K):
                    total -= JJ[k * K + j] * A[j * M + m]
                residual[k * M + m] = total
        for i in range(K * M):
            A[i] += eta_w * residual[i]


@inner_kernel
def _least_squares(JJ: Floats, JB: Floats, A: Floats, spare: Floats, K: int, M: int) -> None:
    """A = JJ⁻¹ JB by Cholesky factors; NaN where JJ is singular or not positive definite."""
    L = spare
    for k in range(K):
        for j in range(k + 1):
            total = JJ[k * K + j]
            for i in range(j):
                total -= L[k * K + i] * L[j * K + i]
            if k == j:
                independent = total > SINGULAR * JJ[k * K + k]
                L[k * K + k] = math.sqrt(total) if independent else math.nan
            else:
                L[k * K + j] = total / L[j * K + j]
    for m in range(M):
        for k in range(K):
            total = JB[k * M + m]
            for i in range(k):
                total -= L[k * K + i] * A[i * M + m]
            A[k * M + m] = total / L[k * K + k]
        for k in range(K - 1, -1, -1):
            total = A[k * M + m]
            for i in range(k + 1, K):
                total -= L[i * K + k] * A[i * M + m]
            A[k * M + m] = total / L[k * K + k]
