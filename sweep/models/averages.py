"""Gaussian averages of g(z) = erf(z/√2), one at a time, for compiled functions of one's own models.

The fields z are Gaussian with mean zero and covariance C (n × n); i, j, k, l are positions in it,
and may coincide. With d_i = 1 + C_ii (Saad & Solla, Phys. Rev. E 52, 4225, 1995):

    I2(C, i, j) = <g_i g_j> = (2/π) asin(C_ij / √(d_i d_j))
    I3(C, i, j, k) = <g'_i z_j g_k> = (2/π) (C_jk d_i - C_ij C_ik) / (d_i √(d_i d_k - C_ik²))
    I4(C, i, j, k, l) = <g'_i g'_j g_k g_l> = (2/π)²/√Δ asin(H_kl / √((1 + H_kk) (1 + H_ll)))
    J2(C, i, j) = <g'_i g'_j> = (2/π)/√Δ

where Δ = d_i d_j - C_ij², and H is the covariance that is left of k and l, given the two factors
g'. They may be called from Python and from functions that numba compiles. What is no covariance
gives NaN.
"""

from __future__ import annotations

import math

from sweep.ode.arrays import Floats
from sweep.ode.compiled import kernel

TWO_OVER_PI = 2 / math.pi


@kernel
def I2(C: Floats, i: int, j: int) -> float:
    """<g_i g_j>."""
    return TWO_OVER_PI * math.asin(C[i, j] / math.sqrt((1.0 + C[i, i]) * (1.0 + C[j, j])))


@kernel
def I3(C: Floats, i: int, j: int, k: int) -> float:
    """<g'_i z_j g_k>."""
    d_i, d_k = 1.0 + C[i, i], 1.0 + C[k, k]
    rest = C[j, k] * d_i - C[i, j] * C[i, k]
    mean: float = TWO_OVER_PI * rest / (d_i * math.sqrt(d_i * d_k - C[i, k] * C[i, k]))
    return mean


@kernel
def I4(C: Floats, i: int, j: int, k: int, l: int) -> float:
    """<g'_i g'_j g_k g_l>."""
    d_i, d_j, C_ij = 1.0 + C[i, i], 1.0 + C[j, j], C[i, j]
    determinant = d_i * d_j - C_ij * C_ij
    kk = 1.0 + C[k, k] - _explained(C[k, i], C[k, j], C[k, i], C[k, j], d_i, d_j, C_ij)
    ll = 1.0 + C[l, l] - _explained(C[l, i], C[l, j], C[l, i], C[l, j], d_i, d_j, C_ij)
    kl = C[k, l] - _explained(C[k, i], C[k, j], C[l, i], C[l, j], d_i, d_j, C_ij)
    return TWO_OVER_PI * TWO_OVER_PI / math.sqrt(determinant) * math.asin(kl / math.sqrt(kk * ll))


@kernel
def J2(C: Floats, i: int, j: int) -> float:
    """<g'_i g'_j>."""
    determinant = (1.0 + C[i, i]) * (1.0 + C[j, j]) - C[i, j] * C[i, j]
    return TWO_OVER_PI / math.sqrt(determinant)


@kernel
def _explained(
    a_i: float, a_j: float, b_i: float, b_j: float, d_i: float, d_j: float, C_ij: float
) -> float:
    """The part of a covariance that two factors g' explain: aᵀ [[d_i, C_ij], [C_ij, d_j]]⁻¹ b."""
    determinant = d_i * d_j - C_ij * C_ij
    return (a_i * (d_j * b_i - C_ij * b_j) + a_j * (d_i * b_j - C_ij * b_i)) / determinant
