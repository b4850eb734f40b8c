"""The dynamics of linear units, g(z) = z: every average is a polynomial of the overlaps.

    I2(i, j) = C_ij,  I3(i, j, k) = C_jk,  I4(i, j, a, b) = C_ab,
    J4(a, b, c, d) = C_ab C_cd + C_ac C_bd + C_ad C_bc.

Conventions as in `state`; finite P as in `finite_p`, with these averages.
"""

from __future__ import annotations

import math

from sweep.models.fo_anil.diffusion import Pairs, lay_by_pair, multiply_readouts, pair_rows
from sweep.models.fo_anil.drift import correlate, weigh_units, write_drift
from sweep.models.fo_anil.finite_p import (
    FinitePWork,
    finite_p_size,
    finite_p_views,
    fourth_moments,
    moment_from_averages,
)
from sweep.models.fo_anil.fourfold import PRODUCTS
from sweep.models.fo_anil.kind import Activation, Kind
from sweep.models.fo_anil.readout import mean_square, read_out
from sweep.models.fo_anil.resolution import resolution
from sweep.models.fo_anil.state import Memory, Problem, Work, flat_size, unpack, views
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel, inlined_kernel
from sweep.ode.equations import Equations, differences


@fast_kernel
def linear_right_hand_side(y: Floats, dy: Floats, problem: Problem, memory: Memory) -> None:
    """dy/dτ at y."""
    work = views(problem, memory)
    finite = finite_p_views(problem.K, problem.M, memory.flat[flat_size(problem.K, problem.M) :])
    unpack(y, problem, work)
    _linear_inner_loop(problem, work, finite)
    weigh_units(problem, work)
    correlate(problem, work)
    write_drift(dy, problem, work)
    if problem.noise > 0.0:
        pairs = pair_rows(problem.K + problem.M, memory.pairs)
        _add_linear_diffusion(dy, problem, work, pairs, finite)


@fast_kernel
def linear_error(y: Floats, problem: Problem, memory: Memory) -> float:
    """The meta-generalization error ε of state y."""
    work = views(problem, memory)
    finite = finite_p_views(problem.K, problem.M, memory.flat[flat_size(problem.K, problem.M) :])
    unpack(y, problem, work)
    _linear_inner_loop(problem, work, finite)
    teacher = 0.0
    for m in range(problem.K, problem.K + problem.M):
        teacher += work.d[m] - 1.0
    return mean_square(teacher, problem, work)


@fast_kernel
def _linear_inner_loop(problem: Problem, work: Work, finite: FinitePWork) -> None:
    """JB, JJ, A and W."""
    K, M = problem.K, problem.M
    for k in range(K):
        for m in range(M):
            work.JB[k * M + m] = work.C[k, K + m]
        for j in range(K):
            work.JJ[k * K + j] = work.C[k, j]
    read_out(problem, work)
    if math.isfinite(problem.P):
        _wick_averages(problem, work, finite)
        moment_from_averages(problem, work, finite)


@fast_kernel
def _wick_averages(problem: Problem, work: Work, finite: FinitePWork) -> None:
    """J4(m, n, k, l), a row for each m ≤ n and a column for each k ≤ l, and I2(k, l)."""
    K, M, C = problem.K, problem.M, work.C
    row = 0
    for m in range(K, K + M):
        for n in range(m, K + M):
            C_mn = work.d[m] - 1.0 if m == n else C[m, n]
            i = 0
            for k in range(K):
                for l in range(k, K):
                    crossed = C[m, k] * C[n, l] + C[m, l] * C[n, k]
                    finite.J4[row, i] = C_mn * C[k, l] + crossed
                    finite.fourfold.pairs[PRODUCTS, i] = C[k, l]
                    i += 1
            row += 1


@fast_kernel
def _add_linear_diffusion(
    dy: Floats, problem: Problem, work: Work, pairs: Pairs, finite: FinitePWork
) -> None:
    """Add (η_J/V) N_kl, N_kl = Σ_pq s_p s_q E[w_k w_l v_p v_q] C_pq + σ_y² W_kl."""
    K, S = problem.K, problem.K + problem.M
    zz, C, d = work.zz, work.C, work.d
    if math.isfinite(problem.P):
        _linear_coincidences(problem, work, pairs.weight, pairs.total, finite)
        fourth_moments(problem, True, work, pairs, finite)
    else:
        multiply_readouts(work.A, zz, K, problem.M)
        lay_by_pair(zz, K, pairs)
    i = 0
    for k in range(K):
        for l in range(k, K):
            total = problem.sigma_y**2 * work.W[k, l]
            row = 0
            for p in range(S):
                for q in range(p, S):
                    C_pq = d[p] - 1.0 if p == q else 2.0 * C[p, q]
                    if math.isfinite(problem.P):
                        moment = finite.moments[row, i]
                    else:
                        wick = zz[k, l] * zz[p, q] + zz[k, p] * zz[l, q] + zz[k, q] * zz[l, p]
                        moment = problem.sigma_u**4 * wick
                    total += moment * C_pq
                    row += 1
            dy[i] += problem.noise * total
            i += 1


@fast_kernel
def _linear_coincidences(
    problem: Problem, work: Work, X: Floats, Z: Floats, finite: FinitePWork
) -> None:
    """finite.triples and finite.quadruples, to be summed as in `coincidences`, by Wick's theorem.

    With t the teacher's fields, X = R Rᵀ, U = T Rᵀ, Y = R U, and the sums over choices and pairings

        <|t|² t_m λ_k λ_l λ_p> = Σ R_km (tr T Q_lp + 2 X_lp) + 2 U_mk Q_lp,
        <|t|² λ_k λ_l λ_p λ_q> = Σ tr T Q_kl Q_pq + 2 X_kl Q_pq + 2 Q_kl X_pq,
        <|t|⁴ λ_k λ_l λ_p λ_q> = Σ (tr² T + 2 tr T²) Q_kl Q_pq + 8 X_kl X_pq
                                   + 4 (tr T X + 2 Y)_kl Q_pq + 4 Q_kl (tr T X + 2 Y)_pq.

    X, Z: to write on, of the length of the student pairs.
    """
    K, M = problem.K, problem.M
    Q, R = finite.fourfold.pairs[PRODUCTS], work.C[:K, K : K + M]
    signal, noise = problem.sigma_u**2, problem.sigma_y**2
    trace, square = 0.0, 0.0
    for m in range(M):
        for n in range(M):
            square += _teachers(work, K, m, n) ** 2
        trace += _teachers(work, K, m, m)
    i = 0
    for k in range(K):
        for l in range(k, K):
            x, y = 0.0, 0.0
            for m in range(M):
                x += R[k, m] * R[l, m]
                y += R[k, m] * _turned(work, R, m, l)
            X[i] = x
            Z[i] = 4.0 * signal * (signal * (trace * x + 2.0 * y) + noise * x)
            i += 1
    variance = signal * trace + noise
    scale = 3.0 * problem.eta_w**3 * signal
    for m in range(M):
        for k in range(K):
            own = variance * R[k, m] + 2.0 * signal * _turned(work, R, m, k)
            for i in range(Q.size):
                finite.triples[m, k, i] = scale * (own * Q[i] + 2.0 * signal * R[k, m] * X[i])
    scale = 3.0 * problem.eta_w**4
    squares = variance * variance + 2.0 * signal * signal * square
    for j in range(Q.size):
        for i in range(Q.size):
            both = squares * Q[j] * Q[i] + 8.0 * signal * signal * X[j] * X[i]
            finite.quadruples[j, i] = scale * (both + Z[j] * Q[i] + Q[j] * Z[i])


@inlined_kernel
def _teachers(work: Work, K: int, m: int, n: int) -> float:
    """T_mn of a task."""
    covariance: float = work.d[K + m] - 1.0 if m == n else work.C[K + m, K + n]
    return covariance


@inlined_kernel
def _turned(work: Work, R: Floats, m: int, k: int) -> float:
    """(T Rᵀ)_mk."""
    total = 0.0
    for n in range(R.shape[1]):
        total += _teachers(work, R.shape[0], m, n) * R[k, n]
    return total


LINEAR = Kind(
    Equations(linear_right_hand_side, linear_error, resolution, differences), finite_p_size
)
LINEAR_UNITS = Activation(LINEAR, LINEAR, noisy=True)
