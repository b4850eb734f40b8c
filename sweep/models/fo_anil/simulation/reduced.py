"""FO-ANIL in its overlaps: exact in law for every N, at a cost a task that does not depend on N.

Model, conventions and time: see `setting`; the frame holds J/√N and B/√N in M + K coordinates.

A sample's fields depend on its components z along D = M + K directions only, which are N(0, 1).
With σ_B > 0 the part of Ξ orthogonal to J and B is turned to its lower triangular factor, and adds
M directions to D; its lengths are chi distributed with what is left of the N degrees of freedom.
Along these directions J moves by (η_J/(N V)) δ zᵀ, with δ the K × V matrix (y - f) w_k g'(λ_k).
Along the N - D others, which no field sees, it moves by (η_J/(N V)) δ X, X of V × (N - D) standard
normal numbers: by rotations from both sides this is L A, with L the K × K triangular factor of δ
and A that of K × (N - D) standard normal numbers (Bartlett's decomposition of a Wishart matrix).
What lies outside the span of B is then turned back to K coordinates.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sweep.models.fo_anil.simulation.activation import activate, mean_product, steepness
from sweep.models.fo_anil.simulation.normals import Bits, normal_numbers, room_for
from sweep.models.fo_anil.simulation.setting import LEAST_SQUARES_CUTOFF, Frame, Setting
from sweep.models.fo_anil.simulation.triangular import triangularize
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel, kernel

POPULATION = 0
"""A test set of this size stands for all inputs: the error is the average over them."""


class Samples(NamedTuple):
    """n samples, one a column. z: D × n components; g: S × n activations of students and teachers;
    slope: S × n, in proportion to the slopes g'; y: the labels, later the mistakes y - f. numbers,
    bits: what z and the noise of the labels are drawn into, and what that takes.
    """

    z: Floats
    g: Floats
    slope: Floats
    y: Floats
    numbers: Floats
    bits: Bits


@fast_kernel
def advance(
    frame: Frame,
    setting: Setting,
    test_size: int,
    moving: np.random.Generator,
    training: Bits,
    testing: Bits,
    errors: Floats,
    Q: Floats,
    R: Floats,
) -> int:
    """Simulate len(errors) tasks; the frame is moved along. Samples come from the lanes `training`
    and `testing`, all other random numbers from `moving`.

    Writes each task's test error (before J moves) and the overlaps after it, Q[t] and R[t].
    Returns how many tasks it did; fewer where a result is no longer finite.
    """
    K, M = frame.parallel.shape
    extra = M if setting.sigma_B > 0.0 else 0
    D = M + K + extra
    rows = np.zeros((K + M, D))
    u = np.empty(M)
    w = np.empty(K)
    training_set = samples(K + M, D, setting.P)
    validation_set = samples(K + M, D, setting.V)
    test_set = samples(K + M, D, test_size)
    delta = np.empty((K, setting.V))
    outside = np.empty((K, K + extra + K))
    factor = steepness(setting.activation)

    for t in range(errors.size):
        for m in range(M):
            u[m] = setting.sigma_u * moving.standard_normal()
        place(frame, setting, moving, rows)

        draw(rows, u, setting.sigma_y, setting.activation, training, training_set)
        adapt(training_set, setting, w)
        if test_size == POPULATION:
            errors[t] = population_error(rows, u, w, setting.activation)
        else:
            draw(rows, u, 0.0, setting.activation, testing, test_set)
            subtract_student(test_set, w)
            errors[t] = half_mean_square(test_set.y)
        draw(rows, u, setting.sigma_y, setting.activation, training, validation_set)
        subtract_student(validation_set, w)
        for k in range(K):
            for i in range(setting.V):
                delta[k, i] = factor * w[k] * validation_set.slope[k, i] * validation_set.y[i]
        move(frame, setting, validation_set.z, delta, moving, outside)

        write_overlaps(frame, Q[t], R[t])
        if not (all_finite(errors[t : t + 1]) and all_finite(Q[t]) and all_finite(R[t])):
            return t
    return errors.size


@fast_kernel
def samples(S: int, D: int, n: int) -> Samples:
    """Room for n samples."""
    room = room_for((D + 1) * n)
    numbers = np.empty(room)
    z = numbers[: D * n].reshape(D, n)
    bits = np.empty(room, dtype=np.uint64)
    return Samples(z, np.empty((S, n)), np.empty((S, n)), np.empty(n), numbers, bits)


@fast_kernel
def place(frame: Frame, setting: Setting, rng: np.random.Generator, rows: Floats) -> None:
    """Write into `rows` (S × D) the students and this task's teachers, divided by √N."""
    K, M = frame.parallel.shape
    rows[:K, :M] = frame.parallel
    rows[:K, M : M + K] = frame.orthogonal
    rows[K:, :M] = frame.teacher
    if setting.sigma_B > 0.0:
        scale = setting.sigma_B / math.sqrt(setting.N)
        for m in range(M):
            for i in range(M + K):
                rows[K + m, i] = scale * rng.standard_normal()
            for i in range(m + 1):
                rows[K + m, i] += frame.teacher[m, i]
        add_bartlett(rows[K:, M + K :], scale, setting.N - M - K, rng)


@fast_kernel
def add_bartlett(A: Floats, scale: float, freedom: int, rng: np.random.Generator) -> None:
    """Write the lower triangular factor of a matrix of `freedom` columns of N(0, scale²) numbers.

    `freedom` must not be below the number of rows; A is square, and zero above its diagonal.
    """
    for row in range(len(A)):
        for column in range(row):
            A[row, column] = scale * rng.standard_normal()
        A[row, row] = scale * math.sqrt(rng.chisquare(freedom - row))


@fast_kernel
def draw(
    rows: Floats,
    u: Floats,
    noise: float,
    activation: int,
    lanes: Bits,
    into: Samples,
) -> None:
    """Draw samples: components, activations, and labels with noise of this size."""
    S, D = rows.shape
    M = len(u)
    n = into.y.size
    room = room_for((D + 1) * n if noise > 0.0 else D * n)
    normal_numbers(lanes, into.bits[:room], into.numbers[:room])
    for a in range(S):
        combine(rows[a], into.z, into.g[a])
    # All at once, since what is left over of whole vectors takes as long as they do.
    activate(activation, into.g.reshape(S * n), into.slope.reshape(S * n))
    combine(u, into.g[S - M :], into.y)
    if noise > 0.0:
        for j in range(n):
            into.y[j] += noise * into.numbers[D * n + j]


@fast_kernel
def combine(weights: Floats, rows: Floats, into: Floats) -> None:
    """The sum of rows, each times its weight, two of them at a time."""
    count = len(weights)
    first = count % 2
    for j in range(into.size):
        into[j] = weights[0] * rows[0, j] if first else 0.0
    for i in range(first, count, 2):
        a, b = weights[i], weights[i + 1]
        if a != 0.0 or b != 0.0:
            for j in range(into.size):
                into[j] += a * rows[i, j] + b * rows[i + 1, j]


@fast_kernel
def adapt(data: Samples, setting: Setting, w: Floats) -> None:
    """The inner loop, by way of the features' second moments."""
    K = w.size
    features = data.g[:K]
    if math.isinf(setting.inner_steps):
        w[:] = np.linalg.lstsq(features.T, data.y, LEAST_SQUARES_CUTOFF)[0]
        return
    rate = setting.eta_w / setting.P
    toward = np.empty(K)
    for k in range(K):
        toward[k] = rate * dot(features[k], data.y)
    w[:] = toward
    if setting.inner_steps == 1.0:
        return
    back = np.empty((K, K))
    for k in range(K):
        for l in range(k + 1):
            back[k, l] = back[l, k] = rate * dot(features[k], features[l])
    before = np.empty(K)
    for _ in range(int(setting.inner_steps) - 1):
        before[:] = w
        for k in range(K):
            w[k] += toward[k] - dot(back[k], before)


@fast_kernel
def dot(a: Floats, b: Floats) -> float:
    """a·b, for vectors too short for a library call."""
    total = 0.0
    for i in range(a.size):
        total += a[i] * b[i]
    return total


@fast_kernel
def subtract_student(data: Samples, w: Floats) -> None:
    """Turn the labels y into the mistakes y - f."""
    for k in range(w.size):
        for j in range(data.y.size):
            data.y[j] -= w[k] * data.g[k, j]


@fast_kernel
def half_mean_square(mistakes: Floats) -> float:
    """The mean of ½ (y - f)²."""
    return 0.5 * dot(mistakes, mistakes) / mistakes.size


@fast_kernel
def population_error(rows: Floats, u: Floats, w: Floats, activation: int) -> float:
    """The average of ½ (y - f)² over all inputs, for one task's teacher and adapted learner."""
    S = len(rows)
    K = w.size
    variance = np.empty(S)
    for a in range(S):
        variance[a] = dot(rows[a], rows[a])
    total = 0.0
    for a in range(S):
        factor_a = w[a] if a < K else -u[a - K]
        for b in range(S):
            factor_b = w[b] if b < K else -u[b - K]
            # a unit with itself, whatever rounding makes of its angle
            covariance = variance[a] if a == b else dot(rows[a], rows[b])
            product = mean_product(activation, covariance, variance[a], variance[b])
            total += factor_a * factor_b * product
    return 0.5 * total


@fast_kernel
def move(
    frame: Frame,
    setting: Setting,
    z: Floats,
    delta: Floats,
    rng: np.random.Generator,
    outside: Floats,
) -> None:
    """The outer step: move the frame, given the samples' components and δ, which is used up."""
    K, M = frame.parallel.shape
    D, V = z.shape
    rate = setting.eta_J / (float(setting.N) * V)
    kept = 1.0 - setting.weight_decay / setting.N
    for k in range(K):
        for i in range(M):
            frame.parallel[k, i] = kept * frame.parallel[k, i] + rate * dot(delta[k], z[i])
        for i in range(M, D):
            outside[k, i - M] = rate * dot(delta[k], z[i])
            if i < M + K:
                outside[k, i - M] += kept * frame.orthogonal[k, i - M]

    triangularize(delta)
    unseen = np.zeros((K, K))
    add_bartlett(unseen, rate, setting.N - D, rng)
    outside[:, D - M :] = 0.0
    for k in range(K):
        for l in range(min(k + 1, V)):
            for i in range(l + 1):
                outside[k, D - M + i] += delta[k, l] * unseen[l, i]

    triangularize(outside)
    for k in range(K):
        frame.orthogonal[k, : k + 1] = outside[k, : k + 1]
        frame.orthogonal[k, k + 1 :] = 0.0


@fast_kernel
def write_overlaps(frame: Frame, Q: Floats, R: Floats) -> None:
    """Write Q and R of the frame."""
    K, M = R.shape
    for k in range(K):
        for l in range(k + 1):
            Q[k, l] = Q[l, k] = dot(frame.parallel[k], frame.parallel[l]) + dot(
                frame.orthogonal[k], frame.orthogonal[l]
            )
        for n in range(M):
            R[k, n] = dot(frame.parallel[k], frame.teacher[n])


# Not a `fast_kernel`: where sums may be reordered, x - x is taken for zero even if x is infinite,
# and this is how numba tells.
@kernel
def all_finite(numbers: Floats) -> bool:
    """Whether none of the numbers is infinite or NaN."""
    return bool(np.isfinite(numbers).all())
