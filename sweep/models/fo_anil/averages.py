"""Gaussian averages of the erf activation g(z) = erf(z/√2), over fields with covariance C.

With d_i = 1 + C_ii (Saad & Solla, Phys. Rev. E 52, 4225, 1995):

    I2(i, j) = <g_i g_j> = (2/π) asin(C_ij / √(d_i d_j)).

The averages I3 and I4 appear in `drift` and `diffusion` in the matrix form in which they are used.
An argument beyond 1, which no covariance gives, comes out as NaN.
"""

from __future__ import annotations

import math

from sweep.ode.arrays import Floats
from sweep.ode.compiled import inlined_kernel

TWO_OVER_PI = 2 / math.pi
HALF_PI = math.pi / 2

# (asin(√z)/√z - 1)/z on [0, 1/4]: minimax polynomial of degree 11, relative error of asin 6e-17.
A0, A1, A2, A3 = (
    0.166666666666666486,
    0.0750000000002076436,
    0.0446428571034236434,
    0.0303819473670984811,
)
A4, A5, A6, A7 = (
    0.0223720476317445104,
    0.0173552599557863217,
    0.0139296529023266332,
    0.0118754943826369232,
)
A8, A9, A10, A11 = (
    0.00780294947735331709,
    0.0160355143491488232,
    -0.0107490503396978078,
    0.0281692180608814131,
)


@inlined_kernel
def arcsine(x: float) -> float:
    """asin(x) without a branch, so that a loop over it vectorizes; NaN where |x| > 1."""
    size = abs(x)
    outer = size > 0.5
    z = (1.0 - size) * 0.5 if outer else size * size
    s = math.sqrt(z) if outer else size
    z2 = z * z
    z4 = z2 * z2
    low = (A0 + A1 * z) + (A2 + A3 * z) * z2
    middle = (A4 + A5 * z) + (A6 + A7 * z) * z2
    high = (A8 + A9 * z) + (A10 + A11 * z) * z2
    inner = s + s * z * (low + (middle + high * z4) * z4)
    return math.copysign(HALF_PI - 2.0 * inner if outer else inner, x)


@inlined_kernel
def mean_products(argument: Floats, result: Floats) -> None:
    """I2 of many pairs: result = (2/π) asin(argument), argument = C_ij / √(d_i d_j)."""
    for i in range(argument.size):
        result[i] = TWO_OVER_PI * arcsine(argument[i])
