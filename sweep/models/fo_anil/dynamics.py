"""The order-parameter dynamics of first-order ANIL, dQ/dτ and dR/dτ, in matrix form.

Model: student f = Σ_k w_k g(J_k·x/√N), teacher y = Σ_m u_m g(B_m·x/√N), x ~ N(0, I_N), fresh
u ~ N(0, σ_u² I) a task; w from one inner step of size η_w on the task, J from one outer step of
size η_J a task (Wang, Yip & Li, arXiv 2408.12545; technique of Saad & Solla, 1995).

Overlaps: Q_kl = J_k·J_l/N (K × K), R_kn = J_k·B_n/N (K × M), T_mn = B_m·B_n/N (M × M).
Time: α = tasks/N; the code integrates in τ = η_J α, in which the drift is free of η_J.
State: a vector y of the upper triangle of Q by rows, then R by rows.

An invalid state (one that is no covariance) gives NaN, never a clipped value.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sweep.models.base import Floats
from sweep.models.compiled import fast_kernel
from sweep.models.fo_anil.averages import TWO_OVER_PI, mean_products
from sweep.models.fo_anil.diffusion import DiffusionWork, add_diffusion, diffusion_work


class Problem(NamedTuple):
    """The constants of one trajectory. noise = η_J/V."""

    K: int
    M: int
    T: Floats
    eta_w: float
    noise: float
    sigma_u: float


class Work(NamedTuple):
    """Arrays that the right-hand side writes to, so that it allocates none. S = K + M.

    C: S × S covariance of the fields; d = 1 + diag C; scale = 1/√d. A: K × M, w = A u on average.
    W: K × K, E[w wᵀ]. G, D: K × S. pairs: arguments of arcsines.
    """

    C: Floats
    d: Floats
    scale: Floats
    A: Floats
    W: Floats
    G: Floats
    D: Floats
    pairs: Floats
    diffusion: DiffusionWork


def workspace(K: int, M: int, T: Floats) -> Work:
    """Work arrays for K student and M teacher units, with the teacher's part of C filled in."""
    S = K + M
    C = np.zeros((S, S))
    C[K:, K:] = T
    d = 1.0 + np.diag(C)
    return Work(
        C=C,
        d=d,
        scale=1.0 / np.sqrt(d),
        A=np.zeros((K, M)),
        W=np.zeros((K, K)),
        G=np.zeros((K, S)),
        D=np.zeros((K, S)),
        pairs=np.zeros(max(K * M, K * K)),
        diffusion=diffusion_work(K, M),
    )


@fast_kernel
def unpack(y: Floats, problem: Problem, work: Work) -> None:
    """Write the state y into C, d and scale."""
    K, M, C = problem.K, problem.M, work.C
    i = 0
    for k in range(K):
        for j in range(k, K):
            C[k, j] = y[i]
            C[j, k] = y[i]
            i += 1
    for k in range(K):
        for m in range(M):
            C[k, K + m] = y[i]
            C[K + m, k] = y[i]
            i += 1
        work.d[k] = 1.0 + C[k, k]
        work.scale[k] = 1.0 / math.sqrt(work.d[k])


@fast_kernel
def inner_loop(problem: Problem, work: Work) -> None:
    """A_km = η_w I2(k, K+m) after one inner step, and W = σ_u² A Aᵀ."""
    K, M = problem.K, problem.M
    arguments = work.pairs[: K * M]
    products = work.A.reshape(K * M)
    for k in range(K):
        for m in range(M):
            arguments[k * M + m] = work.C[k, K + m] * work.scale[k] * work.scale[K + m]
    mean_products(arguments, products)
    for i in range(K * M):
        products[i] *= problem.eta_w
    variance = problem.sigma_u * problem.sigma_u
    for k in range(K):
        for j in range(k, K):
            total = 0.0
            for m in range(M):
                total += work.A[k, m] * work.A[j, m]
            work.W[k, j] = variance * total
            work.W[j, k] = work.W[k, j]


@fast_kernel
def drift(problem: Problem, work: Work) -> None:
    """D = G C - diag((G C)_kk / d_k) C with G_kq = Z_kq (2/π)/√(d_k d_q - C_kq²), Z = [-W, σ_u² A].

    D_kq is the mean of (y - f) w_k g'(λ_k) times field q: the sum of the averages I3.
    """
    K, S = problem.K, problem.K + problem.M
    C, d, G, D = work.C, work.d, work.G, work.D
    variance = problem.sigma_u * problem.sigma_u
    for k in range(K):
        for q in range(K):
            G[k, q] = -work.W[k, q]
        for q in range(K, S):
            G[k, q] = variance * work.A[k, q - K]
        for q in range(S):
            G[k, q] *= TWO_OVER_PI / math.sqrt(d[k] * d[q] - C[k, q] * C[k, q])
    for k in range(K):
        for j in range(S):
            D[k, j] = 0.0
        for q in range(S):
            weight = G[k, q]
            for j in range(S):
                D[k, j] += weight * C[q, j]
        own = D[k, k] / d[k]
        for j in range(S):
            D[k, j] -= own * C[k, j]


@fast_kernel
def right_hand_side(y: Floats, dy: Floats, problem: Problem, work: Work) -> None:
    """dy/dτ at y: dQ/dτ = D + Dᵀ + (η_J/V) N (student columns), dR/dτ = D (teacher columns)."""
    K, M = problem.K, problem.M
    unpack(y, problem, work)
    inner_loop(problem, work)
    drift(problem, work)
    i = 0
    for k in range(K):
        for j in range(k, K):
            dy[i] = work.D[k, j] + work.D[j, k]
            i += 1
    for k in range(K):
        for m in range(M):
            dy[i] = work.D[k, K + m]
            i += 1
    if problem.noise > 0.0:
        add_diffusion(problem.noise, problem.sigma_u, work.C, work.d, work.A, dy, work.diffusion)


@fast_kernel
def generalization_error(y: Floats, problem: Problem, work: Work) -> float:
    """The meta-generalization error ε of state y.

    ε = ½ [σ_u² Σ_m I2(m, m) - 2 σ_u² Σ_km A_km I2(k, m) + Σ_kl W_kl I2(k, l)].
    """
    K, M = problem.K, problem.M
    unpack(y, problem, work)
    inner_loop(problem, work)
    variance = problem.sigma_u * problem.sigma_u
    total = 0.0
    for k in range(K):
        for m in range(M):
            total -= 2.0 * variance * work.A[k, m] * work.A[k, m] / problem.eta_w
    arguments = work.pairs[: K * K]
    for k in range(K):
        for j in range(K):
            arguments[k * K + j] = work.C[k, j] * work.scale[k] * work.scale[j]
    mean_products(arguments, arguments)
    for k in range(K):
        for j in range(K):
            total += work.W[k, j] * arguments[k * K + j]
    for m in range(K, K + M):
        total += variance * TWO_OVER_PI * math.asin(1.0 - 1.0 / work.d[m])
    return 0.5 * total
