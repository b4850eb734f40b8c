"""The Fourier features, on a pool of equally spaced inputs.

D features, D odd, R = (D - 1)/2: φ_0 = 1, φ_{2r-1}(x) = √2 sin(πrx), φ_{2r}(x) = √2 cos(πrx) for
r = 1..R.

The inputs are x_k = -1 + 2k/pool, k = 0..pool-1 (our choice), and a point is known by its index k.
For D ≤ pool - 1 the features are orthonormal there, ΦᵀΦ/pool = 1, so that the dense mean-squared
error of a prediction with coefficients u is ‖u - β*‖². Sines and cosines of πr x_k are entries of
tables of length pool, free of the rounding of large arguments.

The kernel Σ_j p_j φ_j(x_a) φ_j(x_b) depends on a - b and a + b modulo pool alone:
2 sin sin' = cos(-) - cos(+) and 2 cos cos' = cos(-) + cos(+). `kernel_tables` holds it for all
pairs, after two Fourier transforms, and `kernel_gradient` is the transpose of that map.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from sweep.ode.arrays import Floats
from sweep.ode.compiled import kernel

Points = NDArray[np.int64]
"""Indices into the pool, shape (points,)."""


def inputs(pool: int) -> Floats:
    """x_k for every k, shape (pool,)."""
    return -1 + 2 * np.arange(pool) / pool


def features(points: Points, D: int, pool: int) -> Floats:
    """Φ at the points, shape (points, D)."""
    sine, cosine = _waves(pool)
    return _features(points, D, sine, cosine)


def kernel_tables(powers: Floats, pool: int) -> Floats:
    """Tables t of the kernel k(a, b) = Σ_j powers_j φ_j(x_a) φ_j(x_b), shape (2, pool).

    powers: shape (D,). k(a, b) = t[0, (a - b) mod pool] + t[1, (a + b) mod pool].
    """
    sines, cosines = powers[1::2], powers[2::2]
    spectrum = np.zeros((2, pool // 2 + 1))
    spectrum[0, 0] = powers[0]
    spectrum[0, 1 : len(sines) + 1] = (cosines + sines) / 2
    spectrum[1, 1 : len(sines) + 1] = (cosines - sines) / 2
    return irfft(spectrum, pool, norm="forward")


def kernel_gradient(tables: Floats, D: int) -> Floats:
    """Σ_ab G_ab φ_j(x_a) φ_j(x_b) for every feature j, shape (D,).

    tables: shape (2, pool), G_ab summed over the pairs of one (a - b) mod pool, and over the pairs
    of one (a + b) mod pool.
    """
    minus, plus = rfft(tables).real[:, : (D + 1) // 2]
    gradient = np.empty(D)
    gradient[0] = minus[0]
    gradient[1::2] = minus[1:] - plus[1:]
    gradient[2::2] = minus[1:] + plus[1:]
    return gradient


@lru_cache(maxsize=8)
def _waves(pool: int) -> tuple[Floats, Floats]:
    """√2 sin and √2 cos of 2πk/pool, k = 0..pool-1."""
    angle = 2 * np.pi * np.arange(pool) / pool
    return np.sqrt(2) * np.sin(angle), np.sqrt(2) * np.cos(angle)


@kernel
def _features(points: Points, D: int, sine: Floats, cosine: Floats) -> Floats:
    pool = sine.size
    result = np.empty((points.size, D))
    for i in range(points.size):
        result[i, 0] = 1.0
        phase = 0
        sign = 1.0
        for r in range(1, (D + 1) // 2):
            phase += points[i]
            if phase >= pool:
                phase -= pool
            sign = -sign  # πr x_k = 2πrk/pool - πr
            result[i, 2 * r - 1] = sign * sine[phase]
            result[i, 2 * r] = sign * cosine[phase]
    return result
