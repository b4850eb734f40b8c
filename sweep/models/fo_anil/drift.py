"""The drift of the overlaps: what every activation's has in common.

D_kq is the mean of (y - f) w_k g'(λ_k) times field q. For all activations it is G C plus a multiple
of C_k, with G = Z ∘ (what the activation makes of it) and Z = [-W, σ_u² A], the mean of w_k times
the weight of each unit in y - f (K × S, S = K + M).
"""

from __future__ import annotations

from sweep.models.fo_anil.state import Problem, Work
from sweep.ode.arrays import Floats
from sweep.ode.compiled import inner_kernel


@inner_kernel
def weigh_units(problem: Problem, work: Work) -> None:
    """G = Z = [-W, σ_u² A]: the mean of w_k times the weight of each unit in y - f."""
    K, M = problem.K, problem.M
    variance = problem.sigma_u * problem.sigma_u
    for k in range(K):
        for q in range(K):
            work.G[k, q] = -work.W[k, q]
        for m in range(M):
            work.G[k, K + m] = variance * work.A[k * M + m]


@inner_kernel
def correlate(problem: Problem, work: Work) -> None:
    """D = G C."""
    K, S = problem.K, problem.K + problem.M
    C, G, D = work.C, work.G, work.D
    width = D.shape[1]
    for k in range(K):
        for j in range(width):
            D[k, j] = 0.0
    for q in range(S):
        for k in range(K):
            weight = G[k, q]
            for j in range(width):
                D[k, j] += weight * C[q, j]


@inner_kernel
def write_drift(dy: Floats, problem: Problem, work: Work) -> None:
    """dQ/dτ = D + Dᵀ (student columns) - 2 (κ/η_J) Q, dR/dτ = D (teacher columns) - (κ/η_J) R."""
    K, M = problem.K, problem.M
    i = 0
    for k in range(K):
        for j in range(k, K):
            dy[i] = work.D[k, j] + work.D[j, k] - 2.0 * problem.decay * work.C[k, j]
            i += 1
    for k in range(K):
        for m in range(M):
            dy[i] = work.D[k, K + m] - problem.decay * work.C[k, K + m]
            i += 1
