"""FO-ANIL at V = P = ∞, as somebody would write it as a model of their own.

The time is τ = η_J α. State: the upper triangle of Q by rows, then R by rows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sweep.models import Ode, integer, real
from sweep.models.averages import I2
from sweep.ode.arrays import Floats

TWO_OVER_PI = 2 / np.pi


class Constants(NamedTuple):
    T: Floats
    K: int
    eta_w: float


def start(p: Any) -> Floats:
    R = 1e-12 * np.random.default_rng(p.seed).random((p.K, p.M))
    return np.concatenate([0.5 * np.eye(p.K)[np.triu_indices(p.K)], R.ravel()])


def constants(p: Any) -> Constants:
    return Constants(np.diag(np.arange(1.0, p.M + 1)), p.K, p.eta_w)


@njit
def covariance(y, c):  # type: ignore[no-untyped-def]
    K, S = c.K, c.K + len(c.T)
    C = np.empty((S, S))
    C[K:, K:] = c.T
    at = 0
    for k in range(K):
        for l in range(k, K):
            C[k, l] = C[l, k] = y[at]
            at += 1
    for k in range(K):
        for m in range(K, S):
            C[k, m] = C[m, k] = y[at]
            at += 1
    return C


@njit
def adapted(C, c):  # type: ignore[no-untyped-def]
    """The learner's weights: w = A u after one inner step."""
    K, M = c.K, len(c.T)
    A = np.empty((K, M))
    for k in range(K):
        for m in range(M):
            A[k, m] = c.eta_w * I2(C, k, K + m)
    return A


def slope(tau, y, dy, c):  # type: ignore[no-untyped-def]  # noqa: ARG001
    C = covariance(y, c)
    A = adapted(C, c)
    K, S = c.K, len(C)
    D = np.zeros((K, S))
    for k in range(K):
        for q in range(S):
            if q < K:
                Z = 0.0
                for m in range(S - K):
                    Z -= A[k, m] * A[q, m]
            else:
                Z = A[k, q - K]
            G = Z * TWO_OVER_PI / np.sqrt((1 + C[k, k]) * (1 + C[q, q]) - C[k, q] ** 2)
            for r in range(S):
                D[k, r] += G * C[q, r]
        along = D[k, k] / (1 + C[k, k])
        for r in range(S):
            D[k, r] -= along * C[k, r]
    at = 0
    for k in range(K):
        for l in range(k, K):
            dy[at] = D[k, l] + D[l, k]
            at += 1
    for k in range(K):
        for m in range(K, S):
            dy[at] = D[k, m]
            at += 1


def error(y, c):  # type: ignore[no-untyped-def]
    C = covariance(y, c)
    A = adapted(C, c)
    K, M = c.K, len(c.T)
    total = 0.0
    for m in range(M):
        total += I2(C, K + m, K + m)
        for k in range(K):
            total -= 2 * A[k, m] * I2(C, k, K + m)
            for l in range(K):
                total += A[k, m] * A[l, m] * I2(C, k, l)
    return total / 2


MODEL = Ode(
    "anil",
    parameters=(integer("K", 3), integer("M", 3), real("eta_w", 3.0)),
    start=start,
    constants=constants,
    slope=slope,
    error=error,
    time="tau",
    version=1,
)
