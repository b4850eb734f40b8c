"""Sums over vectors, as compiled loops.

Loops rather than BLAS: a BLAS starts threads of its own in every worker, adds up in an order that
depends on their number, and needs a library to be told otherwise; these run on the caller's thread,
without the GIL, and take as long.
"""

from __future__ import annotations

import numpy as np

from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel


@fast_kernel
def dot(a: Floats, b: Floats) -> float:
    """Σ_d a_d b_d."""
    total = 0.0
    for d in range(a.size):
        total += a[d] * b[d]
    return total


@fast_kernel
def add_scaled(result: Floats, scale: float, a: Floats) -> None:
    """result += scale · a."""
    for d in range(a.size):
        result[d] += scale * a[d]


@fast_kernel
def loss_slope(phi: Floats, u: Floats, y: Floats) -> Floats:
    """Φᵀ(Φu - y), half the gradient of ‖Φu - y‖². phi: (n, D), u: (D,), y: (n,)."""
    result = np.zeros(u.size)
    for i in range(y.size):
        add_scaled(result, dot(phi[i], u) - y[i], phi[i])
    return result
