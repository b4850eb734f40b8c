"""The diffusion term of the dynamics at a finite number V of validation samples.

It adds (η_J/V) N_kl to dQ_kl/dτ, N_kl = Σ_pq s_p s_q E[w_k w_l v_p v_q] I4(k, l, p, q), where
v = (w, u) are the output weights of the S = K + M units and s = +1 for students, -1 for teachers.
At P = ∞, w = A u, and the moment is Wick's: with the rows z_p = s_p a_p (a_{K+m} = e_m) and their
matrix of products zz = z zᵀ it is σ_u⁴ (zz_kl zz_pq + zz_kp zz_lq + zz_kq zz_lp).

    I4(k, l, p, q) = <g'_k g'_l g_p g_q> = (2/π)/√Δ · (2/π) asin(H_pq / √((1 + H_pp)(1 + H_qq))),

Δ = d_k d_l - C_kl², H the covariance left after conditioning on the two factors g'. Label noise
adds σ_y² W_kl <g'_k g'_l>. The student pair (k ≤ l) is the last axis of the work arrays: the loops
vectorize over it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sweep.models.fo_anil.averages import TWO_OVER_PI, arcsine
from sweep.models.fo_anil.state import Problem, Work
from sweep.ode.arrays import Floats
from sweep.ode.compiled import inlined_kernel


class Pairs(NamedTuple):
    """Rows over the student pairs (k ≤ l), the last axis of all.

    on_k, on_l, scale: S × n, of every field p conditioned on the factors g'_k and g'_l (see
    `condition`); zk, zl: S × n, the products zz_pk and zz_pl, and zkl: n, zz_kl. weight: n,
    <g'_k g'_l>. total: n, to sum up in.
    """

    on_k: Floats
    on_l: Floats
    scale: Floats
    zk: Floats
    zl: Floats
    zkl: Floats
    weight: Floats
    total: Floats


@inlined_kernel
def pair_rows(S: int, rows: Floats) -> Pairs:
    """Name the first 5 S + 3 rows of memory."""
    return Pairs(
        rows[:S],
        rows[S : 2 * S],
        rows[2 * S : 3 * S],
        rows[3 * S : 4 * S],
        rows[4 * S : 5 * S],
        rows[5 * S],
        rows[5 * S + 1],
        rows[5 * S + 2],
    )


@inlined_kernel
def add_diffusion(problem: Problem, work: Work, dy: Floats, pairs: Pairs) -> None:
    """Add (η_J/V) N_kl, k ≤ l, to the first K(K+1)/2 entries of dy."""
    C, d, zz = work.C, work.d, work.zz
    K, S, n = problem.K, problem.K + problem.M, pairs.zk.shape[1]
    noise, sigma_u, sigma_y = problem.noise, problem.sigma_u, problem.sigma_y
    multiply_readouts(work.A, zz, K, S - K)
    lay_by_pair(zz, K, pairs)
    condition(C, d, K, pairs)
    on_k, on_l, scale, total = pairs.on_k, pairs.on_l, pairs.scale, pairs.total
    total[:] = 0.0
    for p in range(S):
        for q in range(p, S):
            twice = 1.0 if p == q else 2.0
            C_pq = d[p] - 1.0 if p == q else C[p, q]
            zz_pq = zz[p, q]
            for i in range(n):
                H = C_pq - on_k[p, i] * on_k[q, i] - on_l[p, i] * on_l[q, i]
                moment = pairs.zkl[i] * zz_pq + pairs.zk[p, i] * pairs.zl[q, i]
                moment += pairs.zk[q, i] * pairs.zl[p, i]
                total[i] += twice * moment * arcsine(H * scale[p, i] * scale[q, i])
    factor = noise * sigma_u**4 * TWO_OVER_PI
    i = 0
    for k in range(K):
        for l in range(k, K):
            label_noise = noise * sigma_y * sigma_y * work.W[k, l]
            dy[i] += pairs.weight[i] * (factor * total[i] + label_noise)
            i += 1


@inlined_kernel
def multiply_readouts(A: Floats, zz: Floats, K: int, M: int) -> None:
    """zz = z zᵀ for the rows z = A of students and z = -e_m of teachers."""
    for k in range(K):
        for l in range(k, K):
            total = 0.0
            for m in range(M):
                total += A[k * M + m] * A[l * M + m]
            zz[k, l] = total
            zz[l, k] = total
        for m in range(M):
            zz[k, K + m] = -A[k * M + m]
            zz[K + m, k] = -A[k * M + m]
    for m in range(M):
        for n in range(M):
            zz[K + m, K + n] = 1.0 if m == n else 0.0


@inlined_kernel
def lay_by_pair(zz: Floats, K: int, pairs: Pairs) -> None:
    """The entries of zz laid out by student pair."""
    i = 0
    for k in range(K):
        for l in range(k, K):
            pairs.zkl[i] = zz[k, l]
            for p in range(pairs.zk.shape[0]):
                pairs.zk[p, i] = zz[p, k]
                pairs.zl[p, i] = zz[p, l]
            i += 1


@inlined_kernel
def condition(C: Floats, d: Floats, K: int, pairs: Pairs) -> None:
    """Condition the fields on the factors g'_k and g'_l of every student pair.

    H_pq = C_pq - on_k_p on_k_q - on_l_p on_l_q is the covariance left; scale_p = 1/√(1 + H_pp);
    weight is <g'_k g'_l> = (2/π)/√Δ.
    """
    on_k, on_l, scale = pairs.on_k, pairs.on_l, pairs.scale
    i = 0
    for k in range(K):
        for l in range(k, K):
            overlap = C[k, l]
            root_k = 1.0 / math.sqrt(d[k])
            root_l = 1.0 / math.sqrt(d[l] - overlap * overlap / d[k])
            pairs.weight[i] = TWO_OVER_PI * root_k * root_l
            for p in range(on_k.shape[0]):
                on_k[p, i] = C[p, k] * root_k
                on_l[p, i] = (C[p, l] - overlap * on_k[p, i] * root_k) * root_l
                left = d[p] - on_k[p, i] * on_k[p, i] - on_l[p, i] * on_l[p, i]
                scale[p, i] = 1.0 / math.sqrt(left)
            i += 1
