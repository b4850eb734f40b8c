"""The readouts that the inner loop makes of a task: w = A u at P = ∞, and their moment E[w wᵀ].

A ← A + η_w (I_JB - I_JJ A) from A = 0, with I_JB (K × M) and I_JJ (K × K) the averages <g g> of
students with teachers and with students; infinitely many steps solve I_JJ A = I_JB. With more than
one step the loop diverges with their number where η_w λ_max(I_JJ) > 2. Very many steps are made by
squaring what they do. Matrices are flat, by rows.
"""

from __future__ import annotations

import math

from sweep.models.fo_anil.state import Problem, Work
from sweep.ode.arrays import Floats
from sweep.ode.compiled import inlined_kernel, inner_kernel, precise_kernel

SINGULAR = 1e-12
"""Least squares has no one solution where a pivot is this small, relative to its diagonal entry."""

MANY = 32
"""From so many steps on squaring is faster, also for narrow students."""


@inlined_kernel
def mean_readouts(
    eta_w: float, steps: float, JJ: Floats, JB: Floats, A: Floats, spare: Floats, K: int, M: int
) -> None:
    """Write A after `steps` steps (math.inf: least squares). spare: at least K² + K M numbers."""
    if math.isinf(steps):
        _least_squares(JJ, JB, A, spare, K, M)
        return
    for i in range(K * M):
        A[i] = eta_w * JB[i]
    if steps > MANY:
        _by_squaring(eta_w, int(steps), JJ, JB, A, spare, K, M)
        return
    for _ in range(1, int(steps)):
        _step(eta_w, JJ, JB, A, spare, K, M)


@inner_kernel
def _step(
    eta_w: float, JJ: Floats, JB: Floats, A: Floats, residual: Floats, K: int, M: int
) -> None:
    for k in range(K):
        for m in range(M):
            total = JB[k * M + m]
            for j in range(K):
                total -= JJ[k * K + j] * A[j * M + m]
            residual[k * M + m] = total
    for i in range(K * M):
        A[i] += eta_w * residual[i]


@precise_kernel
def _by_squaring(
    eta_w: float, steps: int, JJ: Floats, JB: Floats, A: Floats, spare: Floats, K: int, M: int
) -> None:
    """From A after one step to A after so many.

    With F = 1 - η_w I_JJ, A after 2n steps is A + Fⁿ A, where A is that after n. Fⁿ is symmetric,
    so that its lower triangle is kept, and there is room for two: one behind the other in `spare`.
    Views, and loops that are vectorized, would take the first run seconds to compile, as this is
    inlined wherever readouts are, and hardly ever save any.
    """
    size = K * (K + 1) // 2
    for k in range(K):
        for j in range(k + 1):
            spare[_at(k, j)] = (1.0 if j == k else 0.0) - eta_w * JJ[k * K + j]
    bit = 1
    while 2 * bit <= steps:
        bit *= 2
    while bit > 1:
        bit //= 2
        for m in range(M):
            for k in range(K):
                total = A[k * M + m]
                for j in range(K):
                    total += spare[_at(k, j)] * A[j * M + m]
                spare[size + k] = total
            for k in range(K):
                A[k * M + m] = spare[size + k]
        for k in range(K):
            for j in range(k + 1):
                total = 0.0
                for i in range(K):
                    total += spare[_at(k, i)] * spare[_at(i, j)]
                spare[size + _at(k, j)] = total
        for i in range(size):
            spare[i] = spare[size + i]
        if steps & bit:
            for k in range(K):
                for j in range(k + 1):
                    total = spare[_at(k, j)]
                    for i in range(K):
                        total -= eta_w * JJ[k * K + i] * spare[_at(i, j)]
                    spare[size + _at(k, j)] = total
            for i in range(size):
                spare[i] = spare[size + i]
            _step(eta_w, JJ, JB, A, spare[size:], K, M)


@precise_kernel
def _at(k: int, j: int) -> int:
    """Where an entry of a symmetric matrix is among those of its lower triangle, by rows."""
    return k * (k + 1) // 2 + j if j <= k else j * (j + 1) // 2 + k


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


@inner_kernel
def read_out(problem: Problem, work: Work) -> None:
    """A and W = σ_u² A Aᵀ, from JB (and JJ, where the inner loop has more than one step)."""
    K, M = problem.K, problem.M
    if problem.inner_steps == 1.0:
        for i in range(K * M):
            work.A[i] = problem.eta_w * work.JB[i]
    else:
        mean_readouts(
            problem.eta_w, problem.inner_steps, work.JJ, work.JB, work.A, work.spare, K, M
        )
    variance = problem.sigma_u * problem.sigma_u
    for k in range(K):
        for j in range(k, K):
            total = 0.0
            for m in range(M):
                total += work.A[k * M + m] * work.A[j * M + m]
            work.W[k, j] = variance * total
            work.W[j, k] = work.W[k, j]


@inner_kernel
def mean_square(teacher: float, problem: Problem, work: Work) -> float:
    """ε from A, W, JB, JJ and the teacher's Σ_m I2(m, m)."""
    K, M = problem.K, problem.M
    overlap = 0.0
    for i in range(K * M):
        overlap += work.A[i] * work.JB[i]
    student = 0.0
    for k in range(K):
        for j in range(K):
            student += work.W[k, j] * work.JJ[k * K + j]
    return 0.5 * (problem.sigma_u * problem.sigma_u * (teacher - 2.0 * overlap) + student)
