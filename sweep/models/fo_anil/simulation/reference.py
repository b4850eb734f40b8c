"""FO-ANIL as it is, in N dimensions: the clear simulation, by which the fast one is judged.

Model, conventions and time: see `setting`. Shapes: J is K × N, B is M × N, samples are rows.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import erf

from sweep.models.fo_anil.simulation.setting import (
    ERF,
    LEAST_SQUARES_CUTOFF,
    LINEAR,
    Setting,
    frame,
)
from sweep.ode.arrays import Floats


def weights(Q: Floats, R: Floats, T: Floats, N: int) -> tuple[Floats, Floats]:
    """A student J and a teacher B with the overlaps Q, R and T; N must be at least K + M.

    They lie along the first axes, which is no loss: the law of the inputs has no preferred axis.
    """
    parallel, orthogonal, teacher = frame(Q, R, T)
    K, M = parallel.shape
    J, B = np.zeros((K, N)), np.zeros((M, N))
    J[:, :M] = parallel
    J[:, M : M + K] = orthogonal
    B[:, :M] = teacher
    return J * math.sqrt(N), B * math.sqrt(N)


def task(
    J: Floats, B: Floats, setting: Setting, n_test: int, rng: np.random.Generator
) -> tuple[Floats, float]:
    """J after one task, and the learner's error on `n_test` samples of it before J moved.

    The error is the mean of ½ (f - y)² without label noise, as in the theory.
    """
    N = J.shape[1]
    root = math.sqrt(N)
    B = B + setting.sigma_B * rng.standard_normal(B.shape)
    u = setting.sigma_u * rng.standard_normal(len(B))

    def labels(x: Floats, noise: float) -> Floats:
        return g(x @ B.T / root, setting) @ u + noise * rng.standard_normal(len(x))

    x = rng.standard_normal((setting.P, N))
    w = adapted(g(x @ J.T / root, setting), labels(x, setting.sigma_y), setting)

    x = rng.standard_normal((setting.V, N))
    fields = x @ J.T / root
    mistakes = labels(x, setting.sigma_y) - g(fields, setting) @ w
    delta = mistakes[:, np.newaxis] * w * slope(fields, setting)
    moved = (1 - setting.weight_decay / N) * J + setting.eta_J / (root * setting.V) * delta.T @ x

    x = rng.standard_normal((n_test, N))
    mistakes = labels(x, 0.0) - g(x @ J.T / root, setting) @ w
    return moved, float(np.mean(mistakes**2) / 2)


def adapted(features: Floats, y: Floats, setting: Setting) -> Floats:
    """The inner loop: w, shape K, from the features (P × K) and labels of P samples."""
    if math.isinf(setting.inner_steps):
        solution = np.linalg.lstsq(features, y, rcond=LEAST_SQUARES_CUTOFF)[0]
        return np.asarray(solution, dtype=np.float64)
    w = np.zeros(features.shape[1])
    for _ in range(int(setting.inner_steps)):
        w = w - setting.eta_w * features.T @ (features @ w - y) / len(y)
    return w


def g(z: Floats, setting: Setting) -> Floats:
    """The activation."""
    if setting.activation == ERF:
        return np.asarray(erf(z / math.sqrt(2)), dtype=np.float64)
    return z if setting.activation == LINEAR else np.maximum(z, 0.0)


def slope(z: Floats, setting: Setting) -> Floats:
    """g'(z)."""
    if setting.activation == ERF:
        return math.sqrt(2 / math.pi) * np.exp(-(z**2) / 2)
    return np.ones_like(z) if setting.activation == LINEAR else np.where(z > 0.0, 1.0, 0.0)
