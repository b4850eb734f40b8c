"""The diffusion term of the dynamics at a finite number V of validation samples.

It adds (η_J/V) N_kl to dQ_kl/dτ, N_kl = Σ_pq s_p s_q E[w_k w_l v_p v_q] I4(k, l, p, q), where
v = (w, u) are the output weights of the S = K + M units and s = +1 for students, -1 for teachers.
At P = ∞, w = A u, and the moment is Wick's: with the rows z_p = s_p a_p (a_{K+m} = e_m) and their
Gram matrix B = z zᵀ it is σ_u⁴ (B_kl B_pq + B_kp B_lq + B_kq B_lp).

    I4(k, l, p, q) = <g'_k g'_l g_p g_q> = (2/π)/√Δ · (2/π) asin(H_pq / √((1 + H_pp)(1 + H_qq))),

Δ = d_k d_l - C_kl², H the covariance left after conditioning on the two factors g'. Label noise
adds σ_y² W_kl <g'_k g'_l>. The student pair (k ≤ l) is the last axis of the work arrays: the loops
vectorize over it.
"""

from __future__ import annotations

import math

from sweep.models.fo_anil.averages import TWO_OVER_PI, arcsine
from sweep.ode.arrays import Floats
from sweep.ode.compiled import inlined_kernel


@inlined_kernel
def add_diffusion(
    noise: float,
    sigma_u: float,
    sigma_y: float,
    C: Floats,
    d: Floats,
    A: Floats,
    W: Floats,
    B: Floats,
    dy: Floats,
    pairs: Floats,
) -> None:
    """Add noise · N_kl, k ≤ l, to the first K(K+1)/2 entries of dy.

    C: S × S; d: S; A: K M, by rows; W: E[w wᵀ]; B: S × S, written; pairs: 5 S + 3 rows of
    at least K(K+1)/2.
    """
    S, n = C.shape[0], pairs.shape[1]
    K = W.shape[0]
    U, V, scale = pairs[:S], pairs[S : 2 * S], pairs[2 * S : 3 * S]
    Bk, Bl, Bkl = pairs[3 * S : 4 * S], pairs[4 * S : 5 * S], pairs[5 * S]
    weight, total = pairs[5 * S + 1], pairs[5 * S + 2]
    gram(A, B, K, S - K)
    by_pair(B, K, Bk, Bl, Bkl)
    condition(C, d, K, U, V, scale, weight)
    total[:] = 0.0
    for p in range(S):
        for q in range(p, S):
            twice = 1.0 if p == q else 2.0
            C_pq = d[p] - 1.0 if p == q else C[p, q]
            B_pq = B[p, q]
            for i in range(n):
                H = C_pq - U[p, i] * U[q, i] - V[p, i] * V[q, i]
                moment = Bkl[i] * B_pq + Bk[p, i] * Bl[q, i] + Bk[q, i] * Bl[p, i]
                total[i] += twice * moment * arcsine(H * scale[p, i] * scale[q, i])
    factor = noise * sigma_u**4 * TWO_OVER_PI
    i = 0
    for k in range(K):
        for l in range(k, K):
            dy[i] += weight[i] * (factor * total[i] + noise * sigma_y * sigma_y * W[k, l])
            i += 1


@inlined_kernel
def gram(A: Floats, B: Floats, K: int, M: int) -> None:
    """B = z zᵀ for the rows z = A of students and z = -e_m of teachers."""
    for k in range(K):
        for l in range(k, K):
            total = 0.0
            for m in range(M):
                total += A[k * M + m] * A[l * M + m]
            B[k, l] = total
            B[l, k] = total
        for m in range(M):
            B[k, K + m] = -A[k * M + m]
            B[K + m, k] = -A[k * M + m]
    for m in range(M):
        for n in range(M):
            B[K + m, K + n] = 1.0 if m == n else 0.0


@inlined_kernel
def by_pair(B: Floats, K: int, Bk: Floats, Bl: Floats, Bkl: Floats) -> None:
    """The entries of B laid out by student pair."""
    i = 0
    for k in range(K):
        for l in range(k, K):
            Bkl[i] = B[k, l]
            for p in range(B.shape[0]):
                Bk[p, i] = B[p, k]
                Bl[p, i] = B[p, l]
            i += 1


@inlined_kernel
def condition(
    C: Floats, d: Floats, K: int, U: Floats, V: Floats, scale: Floats, weight: Floats
) -> None:
    """Condition the fields on the factors g'_k and g'_l of every student pair.

    H_pq = C_pq - U_p U_q - V_p V_q is the covariance left; scale_p = 1/√(1 + H_pp); weight is
    <g'_k g'_l> = (2/π)/√Δ.
    """
    i = 0
    for k in range(K):
        for l in range(k, K):
            overlap = C[k, l]
            root_k = 1.0 / math.sqrt(d[k])
            root_l = 1.0 / math.sqrt(d[l] - overlap * overlap / d[k])
            weight[i] = TWO_OVER_PI * root_k * root_l
            for p in range(C.shape[0]):
                U[p, i] = C[p, k] * root_k
                V[p, i] = (C[p, l] - overlap * U[p, i] * root_k) * root_l
                scale[p, i] = 1.0 / math.sqrt(d[p] - U[p, i] * U[p, i] - V[p, i] * V[p, i])
            i += 1
