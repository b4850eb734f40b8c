"""The slow, obvious mathematics of learning over Fourier features, independent of the package.

Everything is written out for arbitrary inputs x and as sums over indices, and where a derivative is
wanted, for complex weights as well: Im f(w + i h e_j)/h with a tiny h is ∂f/∂w_j without rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64] | NDArray[np.complex128]
Matrix = NDArray[np.float64]

TINY = 1e-60


def feature(j: int, x: float) -> float:
    """φ_j(x)."""
    r = (j + 1) // 2
    if j == 0:
        return 1.0
    wave = math.sin if j % 2 == 1 else math.cos
    return math.sqrt(2) * wave(math.pi * r * x)


def design(x: Sequence[float], D: int) -> Matrix:
    """Φ, shape (points, D)."""
    return np.array([[feature(j, point) for j in range(D)] for point in x])


def residuals(w: Vector, c: Vector, phi: Matrix, y: Matrix) -> Vector:
    """ΦWc - y."""
    return np.array(
        [sum(phi[i, j] * w[j] * c[j] for j in range(len(w))) - y[i] for i in range(len(y))]
    )


def loss(w: Vector, c: Vector, phi: Matrix, y: Matrix) -> complex | float:
    """Mean of the squared residuals; for complex w its analytic continuation."""
    return sum(r * r for r in residuals(w, c, phi, y)) / len(y)


def inner_loop(w: Vector, phi: Matrix, y: Matrix, rate: float, steps: int) -> Vector:
    """c after gradient steps of the loss in c, from 0."""
    D, n = len(w), len(y)
    c = np.zeros(D, dtype=w.dtype)
    for _ in range(steps):
        r = residuals(w, c, phi, y)
        slope = [2 / n * w[j] * sum(phi[i, j] * r[i] for i in range(n)) for j in range(D)]
        c = np.array([c[j] - rate * slope[j] for j in range(D)])
    return c


def joint_loop(
    w: Matrix, c: Matrix, phi: Matrix, y: Matrix, rate: float, steps: int
) -> tuple[Matrix, Matrix]:
    """(w, c) after gradient steps of the loss in both."""
    n = len(y)
    for _ in range(steps):
        r = residuals(w, c, phi, y)
        g = [2 / n * sum(phi[i, j] * r[i] for i in range(n)) for j in range(len(w))]
        w, c = (
            np.array([w[j] - rate * c[j] * g[j] for j in range(len(w))]),
            np.array([c[j] - rate * w[j] * g[j] for j in range(len(w))]),
        )
    return w, c


def outer_loss(
    w: Vector,
    train: tuple[Matrix, Matrix],
    validation: tuple[Matrix, Matrix],
    rate: float,
    steps: int,
) -> complex | float:
    """Validation loss after the inner loop; train and validation are (Φ, y)."""
    return loss(w, inner_loop(w, *train, rate, steps), *validation)


def complex_step(f: Callable[[Vector], complex | float], w: Matrix) -> Matrix:
    """The gradient of f at w."""
    gradient = np.empty(len(w))
    for j in range(len(w)):
        shifted = w.astype(complex)
        shifted[j] += 1j * TINY
        gradient[j] = complex(f(shifted)).imag / TINY
    return gradient


def meta_gradient(
    w: Matrix,
    train: tuple[Matrix, Matrix],
    validation: tuple[Matrix, Matrix],
    rate: float,
    steps: int,
    order: int,
) -> Matrix:
    """Derivative of the outer loss; of order 1, c_S is held fixed."""
    if order == 2:
        return complex_step(lambda v: outer_loss(v, train, validation, rate, steps), w)
    c = inner_loop(w, *train, rate, steps)
    return complex_step(lambda v: loss(v, c, *validation), w)


def dense_error(w: Matrix, phi: Matrix, points: Sequence[int], tasks: Matrix) -> float:
    """Mean-squared error on all points of few-shot regression, over that of predicting zero.

    phi: Φ on a dense set; points: those that are seen; tasks: β*, shape (tasks, D).
    """
    wrong, size = 0.0, 0.0
    for beta in tasks:
        truth = phi @ beta
        c = np.linalg.lstsq(phi[points] * w, truth[points], rcond=None)[0]
        wrong += float(np.mean((phi @ (w * c) - truth) ** 2))
        size += float(np.mean(truth**2))
    return wrong / size
