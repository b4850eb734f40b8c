"""The average of four erf units, J4 = <g_m g_n g_k g_l>: two of the teacher, two of the student.

A factor g(z) = erf(z/√2) is the mean of sign(z + ζ) over ζ ~ N(0, 1) of its own, so J4 averages
four signs of Gaussians with correlations r_ij = C_ij/√(d_i d_j), d_i = 1 + C_ii; a repeated index
is two factors, with r = C_ii/d_i. Switch on the four correlations between the teacher's and the
student's factors together, τ r from τ = 0 to 1, while r_mn and r_kl stay. At τ = 0 the average is
I2(m, n) I2(k, l), and the derivative of an average of signs is known (Plackett, Biometrika 41, 351,
1954), hence

    J4 = I2(m, n) I2(k, l) + Σ F over the four ways to join one of m, n to one of k, l,
    F(m, k; n, l) = (4/π²) ∫_0^1 dτ r_mk / √(1 - τ² r_mk²) · asin(correlation of n, l given m, k).

Quadrature: let λ be the largest squared canonical correlation of two teacher factors with two
student factors. The integrands are odd in τ, and analytic but for the real |τ| ≥ 1/√λ. In x, where
τ² = (1 - (1 - λ)^x)/λ, that cut lies at |Im x| = π/|log(1 - λ)|, so that Gauss–Legendre over
0 ≤ x ≤ 1 converges fast even for λ → 1. The number of nodes is chosen by λ (RULES).

Partial correlations are computed by conditioning on m, then on k, and not from determinants in
one go, which lose twice as many digits where units almost coincide. Where the factors' covariance
is not positive definite (it is for any covariance C of the fields), all results are NaN.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sweep.models.fo_anil.averages import TWO_OVER_PI, arcsine
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel

RULES = ((0.3, 4), (0.9, 8), (0.995, 16), (0.9999, 24), (1.0, 48))
"""(largest λ, number of nodes): an error below 2e-13, as measured over random covariances."""

LIMITS = np.array([limit for limit, _ in RULES])
SIZES = np.array([nodes for _, nodes in RULES])
STARTS = np.cumsum(SIZES) - SIZES
_TABLES = [np.polynomial.legendre.leggauss(nodes) for _, nodes in RULES]
NODES = np.concatenate([(1 + x) / 2 for x, _ in _TABLES])
WEIGHTS = np.concatenate([weight / 2 for _, weight in _TABLES])

SMALLEST_LAMBDA = 0.01
"""A λ larger than the true one only places the nodes a little less well; 0 would divide 0 by 0."""

WITHIN, PRODUCTS, LAMBDA, JOINED = range(4)
"""Rows of FourfoldWork.pairs."""

FOURS = 7
MK, ML, KL, NK, NL, LEFT, F = range(FOURS)
"""Rows of FourfoldWork.fours."""


class FourfoldWork(NamedTuple):
    """Work arrays; S = K + M, n = K(K+1)/2 student pairs (k ≤ l).

    r: S × S, correlations of factors.
    pairs: 4 + 2 M rows of n; r_kl, I2(k, l), the pair's λ with a teacher pair, then for every m
    r_mk, and for every m the correlation of m with what k leaves of l.
    fours: 7 rows of M²K², by (m, n, k, l); r_mk, r_ml, r_kl, the covariances of n with k, l and
    itself given m, and F(m, k; n, l).
    """

    r: Floats
    pairs: Floats
    fours: Floats


def fourfold_work(K: int, M: int) -> FourfoldWork:
    """Work arrays for K student and M teacher units."""
    return FourfoldWork(
        r=np.zeros((K + M, K + M)),
        pairs=np.zeros((JOINED + 2 * M, K * (K + 1) // 2)),
        fours=np.zeros((FOURS, M * M * K * K)),
    )


@fast_kernel
def fourfold_averages(C: Floats, scale: Floats, K: int, result: Floats, work: FourfoldWork) -> None:
    """J4(K+m, K+n, k, l): result has a row for each m ≤ n and a column for each k ≤ l.

    C: S × S covariance of the fields, students first; of its diagonal no use is made. scale: S,
    1/√d_i. Leaves I2(k, l) in work.pairs[PRODUCTS].
    """
    M = C.shape[0] - K
    _correlate(C, scale, K, M, work)
    square = _largest_canonical_correlation(K, M, work)
    if not square < 1.0:
        result[:] = math.nan
        return
    _integrate(square, work.fours)
    _collect(K, M, result, work)


@fast_kernel
def _correlate(C: Floats, scale: Floats, K: int, M: int, work: FourfoldWork) -> None:
    """r, and its entries laid out by student pair and by (m, n, k, l)."""
    r, pairs, fours = work.r, work.pairs, work.fours
    for p in range(K + M):
        for q in range(K + M):
            r[p, q] = C[p, q] * scale[p] * scale[q]
        r[p, p] = 1.0 - scale[p] * scale[p]
    i = 0
    for k in range(K):
        for l in range(k, K):
            r_kl = r[k, l]
            root = 1.0 / math.sqrt(1.0 - r_kl * r_kl)
            pairs[WITHIN, i] = r_kl
            for m in range(M):
                r_mk = r[K + m, k]
                pairs[JOINED + m, i] = r_mk
                pairs[JOINED + M + m, i] = (r[K + m, l] - r_kl * r_mk) * root
            i += 1
    i = 0
    for m in range(K, K + M):
        for n in range(K, K + M):
            r_mn = r[m, n]
            for k in range(K):
                for l in range(K):
                    fours[MK, i] = r[m, k]
                    fours[ML, i] = r[m, l]
                    fours[KL, i] = r[k, l]
                    fours[NK, i] = r[n, k] - r_mn * r[m, k]
                    fours[NL, i] = r[n, l] - r_mn * r[m, l]
                    fours[LEFT, i] = 1.0 - r_mn * r_mn
                    i += 1


@fast_kernel
def _largest_canonical_correlation(K: int, M: int, work: FourfoldWork) -> float:
    """λ: the largest squared singular value, over all pairs, of the whitened correlations Y.

    Y = A^(-1/2) X B^(-1/2) with A = [[1, r_mn], [r_mn, 1]], B = [[1, r_kl], [r_kl, 1]], and X the
    correlations between the two; the roots are triangular. NaN where A or B is no covariance.
    """
    pairs = work.pairs
    largest = 0.0
    for m in range(M):
        for n in range(m, M):
            r_mn = work.r[K + m, K + n]
            root = 1.0 / math.sqrt(1.0 - r_mn * r_mn)
            for i in range(pairs.shape[1]):
                m_first, m_second = pairs[JOINED + m, i], pairs[JOINED + M + m, i]
                n_first = (pairs[JOINED + n, i] - r_mn * m_first) * root
                n_second = (pairs[JOINED + M + n, i] - r_mn * m_second) * root
                mm = m_first * m_first + m_second * m_second
                nn = n_first * n_first + n_second * n_second
                mn = m_first * n_first + m_second * n_second
                half = 0.5 * (mm - nn)
                pairs[LAMBDA, i] = 0.5 * (mm + nn) + math.sqrt(half * half + mn * mn)
            for i in range(pairs.shape[1]):
                # once NaN, it stays so
                if pairs[LAMBDA, i] > largest or math.isnan(pairs[LAMBDA, i]):
                    largest = pairs[LAMBDA, i]
    return largest


@fast_kernel
def _integrate(square: float, fours: Floats) -> None:
    """F(m, k; n, l) for all m, n, k, l, with λ = square."""
    rule = 0
    while square > LIMITS[rule] and rule < LIMITS.size - 1:
        rule += 1
    square = max(square, SMALLEST_LAMBDA)
    rate = -math.log1p(-square)
    fours[F] = 0.0
    for node in range(STARTS[rule], STARTS[rule] + SIZES[rule]):
        rest = math.exp(-rate * NODES[node])
        s = (1.0 - rest) / square
        tau = math.sqrt(s)
        d_tau = 0.5 * WEIGHTS[node] * rate * rest / (square * tau)
        _add_node(s, tau, TWO_OVER_PI * TWO_OVER_PI * d_tau, fours)


@fast_kernel
def _add_node(s: float, tau: float, weight: float, fours: Floats) -> None:
    """Add what the integrands of all F have at τ, s = τ², times `weight`."""
    for i in range(fours.shape[1]):
        mk, ml, nk = fours[MK, i], fours[ML, i], fours[NK, i]
        # the covariances given m and k, times the variance `free` of k given m
        free = 1.0 - s * mk * mk
        kl = fours[KL, i] - s * mk * ml
        n_left = fours[LEFT, i] * free - s * nk * nk
        l_left = (1.0 - s * ml * ml) * free - kl * kl
        nl = tau * (fours[NL, i] * free - nk * kl)
        root = math.sqrt(n_left * l_left)
        root_free = math.sqrt(free)
        inverse = 1.0 / (root * root_free)
        angle = arcsine(nl * root_free * inverse)
        fours[F, i] += weight * mk * root * inverse * angle


@fast_kernel
def _collect(K: int, M: int, result: Floats, work: FourfoldWork) -> None:
    """result = I2(m, n) I2(k, l) + the four F; a repeated index stands for two factors."""
    pairs, fours = work.pairs, work.fours
    for i in range(pairs.shape[1]):
        pairs[PRODUCTS, i] = TWO_OVER_PI * arcsine(pairs[WITHIN, i])
    row = 0
    for m in range(M):
        for n in range(m, M):
            product = TWO_OVER_PI * arcsine(work.r[K + m, K + n])
            mn, nm = (m * M + n) * K * K, (n * M + m) * K * K
            i = 0
            for k in range(K):
                for l in range(k, K):
                    kl, lk = k * K + l, l * K + k
                    joined = fours[F, mn + kl] + fours[F, mn + lk]
                    joined += fours[F, nm + kl] + fours[F, nm + lk]
                    result[row, i] = product * pairs[PRODUCTS, i] + joined
                    i += 1
            row += 1


@fast_kernel
def pair_index(i: int, j: int, size: int) -> int:
    """Where the unordered pair (i, j) stands in the list (0, 0), (0, 1), …, (size-1, size-1)."""
    low, high = min(i, j), max(i, j)
    return low * (2 * size - low - 1) // 2 + high
