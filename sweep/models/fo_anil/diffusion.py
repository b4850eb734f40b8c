"""The diffusion term of the dynamics at a finite number V of validation samples.

It adds (η_J/V) N_kl to dQ_kl/dτ, N_kl = Σ_pq s_p s_q E[w_k w_l v_p v_q] I4(k, l, p, q), where
v = (w, u) are the output weights of the S = K + M units and s = +1 for students, -1 for teachers.
At P = ∞, w = A u, and the moment is Wick's: with the rows z_p = s_p a_p (a_{K+m} = e_m) and their
Gram matrix B = z zᵀ it is σ_u⁴ (B_kl B_pq + B_kp B_lq + B_kq B_lp).

    I4(k, l, p, q) = <g'_k g'_l g_p g_q> = (2/π)/√Δ · (2/π) asin(H_pq / √((1 + H_pp)(1 + H_qq))),

Δ = d_k d_l - C_kl², H the covariance left after conditioning on the two factors g'.
All arrays here have the student pair (k ≤ l) as their last axis, which the loops vectorize over.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sweep.models.base import Floats
from sweep.models.compiled import fast_kernel
from sweep.models.fo_anil.averages import TWO_OVER_PI, arcsine


class DiffusionWork(NamedTuple):
    """Work arrays; n = K(K+1)/2 student pairs. B: S × S; U, V, scale, Bk, Bl: S × n; the rest n."""

    z: Floats
    B: Floats
    U: Floats
    V: Floats
    scale: Floats
    Bk: Floats
    Bl: Floats
    Bkl: Floats
    weight: Floats
    total: Floats


def diffusion_work(K: int, M: int) -> DiffusionWork:
    """Work arrays for K student and M teacher units, with the teachers' rows of z filled in."""
    S, pairs = K + M, K * (K + 1) // 2
    z = np.zeros((S, M))
    z[K:] = -np.eye(M)
    per_unit = [np.zeros((S, pairs)) for _ in range(5)]
    per_pair = [np.zeros(pairs) for _ in range(3)]
    return DiffusionWork(z, np.zeros((S, S)), *per_unit, *per_pair)


@fast_kernel
def add_diffusion(
    noise: float,
    sigma_u: float,
    C: Floats,
    d: Floats,
    A: Floats,
    dy: Floats,
    work: DiffusionWork,
) -> None:
    """Add noise · N_kl, k ≤ l, to the first K(K+1)/2 entries of dy."""
    _moments(A, work)
    _condition(C, d, A.shape[0], work)
    S, pairs = C.shape[0], work.total.size
    total = work.total
    total[:] = 0.0
    for p in range(S):
        for q in range(p, S):
            twice = 1.0 if p == q else 2.0
            C_pq = C[p, q]
            B_pq = work.B[p, q]
            for i in range(pairs):
                H = C_pq - work.U[p, i] * work.U[q, i] - work.V[p, i] * work.V[q, i]
                moment = (
                    work.Bkl[i] * B_pq
                    + work.Bk[p, i] * work.Bl[q, i]
                    + work.Bk[q, i] * work.Bl[p, i]
                )
                angle = arcsine(H * work.scale[p, i] * work.scale[q, i])
                total[i] += twice * moment * angle
    factor = noise * sigma_u**4
    for i in range(pairs):
        dy[i] += factor * work.weight[i] * total[i]


@fast_kernel
def _moments(A: Floats, work: DiffusionWork) -> None:
    """B = z zᵀ and its entries laid out by student pair."""
    K, M = A.shape
    S = K + M
    for k in range(K):
        for m in range(M):
            work.z[k, m] = A[k, m]
    for p in range(S):
        for q in range(p, S):
            total = 0.0
            for m in range(M):
                total += work.z[p, m] * work.z[q, m]
            work.B[p, q] = total
            work.B[q, p] = total
    i = 0
    for k in range(K):
        for l in range(k, K):
            work.Bkl[i] = work.B[k, l]
            for p in range(S):
                work.Bk[p, i] = work.B[p, k]
                work.Bl[p, i] = work.B[p, l]
            i += 1


@fast_kernel
def _condition(C: Floats, d: Floats, K: int, work: DiffusionWork) -> None:
    """H_pq = C_pq - U_p U_q - V_p V_q given the factors k and l, and scale_p = 1/√(1 + H_pp)."""
    i = 0
    for k in range(K):
        for l in range(k, K):
            overlap = C[k, l]
            root_k = 1.0 / math.sqrt(d[k])
            left = d[l] - overlap * overlap / d[k]
            root_l = 1.0 / math.sqrt(left)
            work.weight[i] = TWO_OVER_PI * TWO_OVER_PI * root_k * root_l
            for p in range(C.shape[0]):
                U = C[p, k] * root_k
                V = (C[p, l] - overlap * U * root_k) * root_l
                work.U[p, i] = U
                work.V[p, i] = V
                work.scale[p, i] = 1.0 / math.sqrt(d[p] - U * U - V * V)
            i += 1
