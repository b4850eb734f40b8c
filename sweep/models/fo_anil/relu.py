"""The dynamics of rectified linear units, g(z) = max(0, z), at V = P = ∞.

With v_i the variance of field i, cos φ = C_ij/√(v_i v_j) and Δ = v_i v_j - C_ij² (Cho & Saul,
Advances in Neural Information Processing Systems 22, 2009):

    I2(i, j) = <g_i g_j> = [√Δ + (π - φ) C_ij] / (2π),
    I3(i, j, k) = <g'_i z_j g_k> = C_ij √Δ_ik / (2π v_i) + C_jk (π - φ_ik) / (2π),

the latter by Stein's lemma. In matrix form D = G C + diag(h) C with G_kq = Z_kq (π - φ_kq)/(2π) and
h_k = Σ_q Z_kq √Δ_kq/(2π v_k). The fourfold averages of finite V and P have no closed form.
"""

from __future__ import annotations

import math

from sweep.models.base import Floats
from sweep.models.compiled import fast_kernel
from sweep.models.fo_anil.dynamics import (
    Memory,
    Problem,
    Work,
    correlate,
    mean_square,
    read_out,
    unpack,
    views,
    weigh_units,
    write_drift,
)

TWO_PI = 2 * math.pi

BEYOND = 1e-8
"""Two fields may be correlated beyond ±1 by this much: units become parallel, and stay so, up to
the integrator's errors on either side of 1."""

SHORT = 1e-24
"""A variance below this is none: the angles of units that decay are no longer resolved there."""


@fast_kernel
def relu_right_hand_side(y: Floats, dy: Floats, problem: Problem, memory: Memory) -> None:
    """dy/dτ at y."""
    work = views(problem, memory)
    unpack(y, problem, work)
    _relu_inner_loop(problem, work)
    _relu_drift(problem, work)
    write_drift(dy, problem, work)


@fast_kernel
def relu_error(y: Floats, problem: Problem, memory: Memory) -> float:
    """The meta-generalization error ε of state y."""
    work = views(problem, memory)
    unpack(y, problem, work)
    _relu_inner_loop(problem, work)
    teacher = 0.0
    for m in range(problem.K, problem.K + problem.M):
        teacher += 0.5 * (work.d[m] - 1.0)
    return mean_square(teacher, problem, work)


@fast_kernel
def _angle(covariance: float, variance_i: float, variance_j: float) -> tuple[float, float]:
    """√Δ and π - φ of two fields; NaN where they are no fields."""
    smaller, larger = min(variance_i, variance_j), max(variance_i, variance_j)
    if abs(smaller) < SHORT and covariance * covariance <= 2.0 * SHORT * larger:
        return 0.0, math.pi / 2
    if not smaller > 0.0:
        return math.nan, math.nan
    product = variance_i * variance_j
    cosine = covariance / math.sqrt(product)
    if abs(cosine) > 1.0:
        cosine = math.copysign(1.0, cosine) if abs(cosine) < 1.0 + BEYOND else math.nan
    # atan2 keeps its digits where the fields are nearly parallel; acos does not.
    root = math.sqrt(max(product - covariance * covariance, 0.0)) + 0.0 * cosine
    return root, math.pi - math.atan2(root, covariance)


@fast_kernel
def _variance(q: int, K: int, work: Work) -> float:
    """The variance of field q: d - 1, which has too few digits where a student unit is short."""
    variance: float = work.C[q, q] if q < K else work.d[q] - 1.0
    return variance


@fast_kernel
def _relu_inner_loop(problem: Problem, work: Work) -> None:
    """JB, JJ, A and W."""
    K, M = problem.K, problem.M
    for k in range(K):
        for q in range(K + M):
            C_kq = work.C[k, q]
            root, angle = _angle(C_kq, work.C[k, k], _variance(q, K, work))
            product = (root + angle * C_kq) / TWO_PI
            if q < K:
                work.JJ[k * K + q] = product
            else:
                work.JB[k * M + q - K] = product
    read_out(problem, work)


@fast_kernel
def _relu_drift(problem: Problem, work: Work) -> None:
    """D = G C + diag(h) C; h is kept in `scale`, which relu units have no other use for."""
    K, S = problem.K, problem.K + problem.M
    G, D, C = work.G, work.D, work.C
    weigh_units(problem, work)
    for k in range(K):
        own = 0.0
        for q in range(S):
            root, angle = _angle(C[k, q], C[k, k], _variance(q, K, work))
            own += G[k, q] * root
            G[k, q] *= angle / TWO_PI
        work.scale[k] = own / (TWO_PI * C[k, k]) if own != 0.0 else 0.0
    correlate(problem, work)
    for k in range(K):
        for j in range(S):
            D[k, j] += work.scale[k] * C[k, j]
