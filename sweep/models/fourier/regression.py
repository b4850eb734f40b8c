"""Closed-form regression: minimum-norm least squares of ΦW c = y, with W = diag(w).

With fewer points than features, (ΦW)ᵀ = QR is factorized by Householder reflections, and
c = Q R⁻ᵀ y interpolates. It is as accurate as the singular-value decomposition of
`scipy.linalg.lstsq`, which squares no condition number either, in a third of the time; where R is
nearly singular, and where there are no fewer points than features, `lstsq` decides.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lstsq

from sweep.models.fourier.vectors import add_scaled, dot
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel

# Far from 1/eps = 4.5e15, where lstsq starts to neglect singular values.
LARGEST_CONDITION = 1e10


def minimum_norm(features: Floats, weights: Floats, targets: Floats) -> Floats:
    """Feature coefficients u = w ∘ c of the minimum-norm c, shape (D, k).

    features: Φ at n points, shape (n, D); weights: w, shape (D,); targets: y, shape (n, k).
    """
    weighted = features * weights
    n, D = weighted.shape
    if n < D:
        coefficients, condition = _interpolate(weighted, targets)
        if condition < LARGEST_CONDITION:
            return weights[:, None] * coefficients.T
    return weights[:, None] * lstsq(weighted, targets)[0]


@fast_kernel
def _interpolate(a: Floats, targets: Floats) -> tuple[Floats, float]:
    """Minimum-norm solution of a c = targets, and the condition number of a (Frobenius norms).

    a: shape (n, D), n < D; targets: shape (n, k). Returns c, shape (k, D). The condition is not a
    number where a is singular.
    """
    n, D = a.shape
    k = targets.shape[1]
    rows, scale, diagonal = _factorize(a)
    # Rᵀ z = (targets, 1), row by row.
    z = np.zeros((n, k + n))
    for j in range(n):
        z[j, :k] = targets[j]
        z[j, k + j] = 1.0
        for i in range(j):
            add_scaled(z[j, : k + i + 1], -rows[j, i], z[i, : k + i + 1])
        z[j] /= diagonal[j]
    size, inverse = 0.0, 0.0
    for j in range(n):
        size += dot(rows[j, :j], rows[j, :j]) + diagonal[j] ** 2
        inverse += dot(z[j, k:], z[j, k:])
    c = np.zeros((k, D))
    for t in range(k):
        c[t, :n] = z[:, t]
        for i in range(n - 1, -1, -1):
            _reflect(rows[i, i:], scale[i], c[t, i:])
    return c, np.sqrt(size * inverse)


@fast_kernel
def _factorize(a: Floats) -> tuple[Floats, Floats, Floats]:
    """QR of aᵀ: (rows, scale, diagonal).

    rows[j, :j] is column j of R above its diagonal; rows[j, j:] is reflection j, whose first entry
    is to be read as 1, scaled by scale[j]. A row is reflected when its turn comes, by all before
    it, and so stays in the fastest cache.
    """
    n = a.shape[0]
    rows = a.copy()
    scale = np.empty(n)
    diagonal = np.empty(n)
    for j in range(n):
        for i in range(j):
            _reflect(rows[i, i:], scale[i], rows[j, i:])
        row = rows[j, j:]
        length = np.sqrt(dot(row, row))
        diagonal[j] = -length if row[0] > 0 else length
        scale[j] = (diagonal[j] - row[0]) / diagonal[j]
        row /= row[0] - diagonal[j]
    return rows, scale, diagonal


@fast_kernel
def _reflect(v: Floats, scale: float, x: Floats) -> None:
    """x -= scale · v (v·x), with v[0] read as 1."""
    along = scale * (x[0] + dot(v[1:], x[1:]))
    x[0] -= along
    add_scaled(x[1:], -along, v[1:])
