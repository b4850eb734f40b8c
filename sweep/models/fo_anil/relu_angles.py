"""What rectified linear units measure: overlaps and angles, as a reference and deviations from it.

The reference is what all would be if the units were like the first one and the first two (Q_kk = q,
Q_kl = c, R_kn = r_n). Deviations are made of deviations alone, so that differences between units
keep digits of their own, however small. The state is that of `differences`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sweep.models.fo_anil.state import Problem, Work
from sweep.ode.arrays import Floats
from sweep.ode.compiled import precise_kernel

BEYOND = 2e-8
"""Δ may be negative by this much of v_i v_j: units become parallel, and stay so, up to the
integrator's errors on either side."""

SHORT = 1e-19
"""A variance below this is none: the angles of units that decay are no longer resolved there."""


class Reference(NamedTuple):
    """The overlaps if all units were alike: Q_kk = q, Q_kl = c, s = q - c; r is C[0, K:]."""

    q: float
    c: float
    s: float


class Deviations(NamedTuple):
    """Work arrays. Rows 1..K are the deviations of student units k = 1..K.

    Row 0 is the reference: for the student columns the value of two different units, whichever the
    column. root, angle, product: of √Δ, φ and I2; A: of the rows of the matrix A, K + 1 × M; G: of
    G; h: K + 1, of h. residual: K × M. C is S × S, the reference of all overlaps, and X the
    deviations from it; both begin with unit 1.
    """

    C: Floats
    X: Floats
    root: Floats
    angle: Floats
    product: Floats
    A: Floats
    G: Floats
    h: Floats
    residual: Floats


def relu_size(K: int, M: int) -> int:
    """How many numbers the work arrays take."""
    S = K + M
    return 2 * S * S + (K + 1) * (4 * S + M + 1) + K * M


@precise_kernel
def deviations(K: int, M: int, flat: Floats) -> Deviations:
    """The work arrays, one after the other in `flat`."""
    S = K + M
    overlaps = flat[: 2 * S * S].reshape((2 * S, S))
    at = 2 * S * S + 4 * (K + 1) * S
    rows = flat[2 * S * S : at].reshape((4 * (K + 1), S))
    A = flat[at : at + (K + 1) * M].reshape((K + 1, M))
    at += (K + 1) * M
    return Deviations(
        overlaps[:S],
        overlaps[S:],
        rows[: K + 1],
        rows[K + 1 : 2 * (K + 1)],
        rows[2 * (K + 1) : 3 * (K + 1)],
        A,
        rows[3 * (K + 1) :],
        flat[at : at + K + 1],
        flat[at + K + 1 : at + K + 1 + K * M],
    )


@precise_kernel
def unpack_differences(y: Floats, problem: Problem, work: Work, dev: Deviations) -> Reference:
    """Write C and its deviations X."""
    K, M, C, X = problem.K, problem.M, work.C, dev.X
    s = y[0] if K > 1 else 0.0
    c = y[1] if K > 1 else y[0]
    q = s + c
    i = 0
    for k in range(K):
        for l in range(k, K):
            given = (k == 0 and l <= 1) or K == 1
            dev.C[k, l] = dev.C[l, k] = q if k == l else c
            X[k, l] = X[l, k] = 0.0 if given else y[i]
            C[k, l] = C[l, k] = dev.C[k, l] + X[k, l]
            i += 1
    for k in range(K):
        for m in range(K, K + M):
            if k == 0:
                C[0, m] = y[i]
            dev.C[k, m] = dev.C[m, k] = C[0, m]
            X[k, m] = X[m, k] = 0.0 if k == 0 else y[i]
            C[k, m] = C[m, k] = C[0, m] + X[k, m]
            i += 1
    for m in range(K, K + M):
        for n in range(K, K + M):
            dev.C[m, n] = C[m, n]
    return Reference(q, c, s)


@precise_kernel
def _root(
    determinant: float, covariance: float, variance_i: float, variance_j: float
) -> tuple[float, float]:
    """√Δ of two fields, from Δ and the rest, and the covariance that has their angle with it.

    NaN where they are no fields; a field that is none has a right angle with any other.
    """
    smaller, larger = min(variance_i, variance_j), max(variance_i, variance_j)
    if abs(smaller) < SHORT and covariance * covariance <= 2.0 * SHORT * larger:
        return 0.0, 0.0
    if not (smaller > 0.0 and determinant >= -BEYOND * smaller * larger):
        return math.nan, math.nan
    return math.sqrt(max(determinant, 0.0)), covariance


@precise_kernel
def _angle(root: float, covariance: float) -> float:
    """φ; atan2 keeps its digits where the fields are nearly parallel, acos does not."""
    if root == 0.0 and covariance == 0.0:
        return math.pi / 2
    return math.atan2(root, covariance)


@precise_kernel
def measure(reference: Reference, problem: Problem, work: Work, dev: Deviations) -> None:
    """√Δ and φ of every student unit with every unit: row 0 the reference, then deviations."""
    K, M = problem.K, problem.M
    C = work.C
    q, c, s = reference
    root, covariance = 0.0, q
    if abs(c) < q:  # else nothing can be like this reference, and parallel units serve as well
        root, covariance = _root(s * (q + c), c, q, q)
    angle = _angle(root, covariance)
    for k in range(K):
        dev.root[0, k] = root
        dev.angle[0, k] = angle
        dev.root[k + 1, k] = dev.angle[k + 1, k] = 0.0  # no angle, whatever the reference
    for j in range(K, K + M):
        t = work.d[j] - 1.0
        root, covariance = _root(q * t - C[0, j] * C[0, j], C[0, j], q, t)
        dev.root[0, j], dev.angle[0, j] = root, _angle(root, covariance)
    for k in range(K):
        for j in range(k + 1, K):
            _measure_students(k, j, reference, work, dev)
        for j in range(K, K + M):
            _measure_teacher(k, j, work, dev)


@precise_kernel
def _measure_students(k: int, l: int, reference: Reference, work: Work, dev: Deviations) -> None:
    """The deviations of √Δ_kl and φ_kl, k ≠ l."""
    C, X = work.C, dev.X
    q, c, s = reference
    x, own, other = X[k, l], X[k, k], X[l, l]
    apart = s - x
    determinant = q * (own + other + 2.0 * apart) + own * other - apart * apart
    change = q * (own + other - 2.0 * x) + own * other + x * (2.0 * s - x)
    root, covariance = _root(determinant, C[k, l], C[k, k], C[l, l])
    further = _further(l, root, covariance, change, c, x, dev)
    dev.root[k + 1, l], dev.angle[k + 1, l] = further
    dev.root[l + 1, k], dev.angle[l + 1, k] = further


@precise_kernel
def _measure_teacher(k: int, j: int, work: Work, dev: Deviations) -> None:
    """The deviations of √Δ and φ of student unit k and the teacher unit in column j."""
    C, x = work.C, dev.X[k, j]
    variance = work.d[j] - 1.0
    determinant = C[k, k] * variance - C[k, j] * C[k, j]
    change = dev.X[k, k] * variance - x * (2.0 * C[0, j] + x)
    root, covariance = _root(determinant, C[k, j], C[k, k], variance)
    further = _further(j, root, covariance, change, C[0, j], x, dev)
    dev.root[k + 1, j], dev.angle[k + 1, j] = further


@precise_kernel
def _further(
    j: int,
    root: float,
    covariance: float,
    change: float,
    before: float,
    x: float,
    dev: Deviations,
) -> tuple[float, float]:
    """By what √Δ and φ exceed those of the reference.

    change: by what Δ does; before: the reference's covariance, x: by what this one exceeds it.
    """
    root_0 = dev.root[0, j]
    if not (root > 0.0 and root_0 > 0.0):
        return root - root_0, _angle(root, covariance) - dev.angle[0, j]
    further = change / (root + root_0)
    # the angle between two directions, by their cross and their dot product
    return further, math.atan2(further * before - root_0 * x, covariance * before + root * root_0)
