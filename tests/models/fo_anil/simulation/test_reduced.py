"""The parts of the reduced simulation against formulas and against the reference's parts.

Averages over draws are compared within 4.5 standard errors, with fixed seeds; with others, a
comparison would fail without cause with a probability of 7e-6.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import multigammaln

from sweep.models.fo_anil.simulation import reference
from sweep.models.fo_anil.simulation.activation import steepness
from sweep.models.fo_anil.simulation.normals import lanes
from sweep.models.fo_anil.simulation.reduced import (
    Samples,
    adapt,
    add_bartlett,
    draw,
    half_mean_square,
    move,
    place,
    population_error,
    samples,
    subtract_student,
    write_overlaps,
)
from sweep.models.fo_anil.simulation.setting import (
    ACTIVATIONS,
    ERF,
    LINEAR,
    RELU,
    Frame,
    Setting,
    frame,
)
from sweep.ode.arrays import Floats

DRAWS = 4000
ERRORS = 4.5

Q = np.array([[0.8, 0.1], [0.1, 0.6]])
R = np.array([[0.3, -0.2, 0.1], [0.05, 0.4, 0.0]])
T = np.array([[1.0, 0.2, 0.0], [0.2, 2.0, 0.5], [0.0, 0.5, 1.5]])
K, M = R.shape


KINDS = pytest.mark.parametrize("activation", [ERF, LINEAR, RELU], ids=ACTIVATIONS)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def assert_mean(draws: Floats, expected: Floats) -> None:
    error = np.std(draws, axis=0) / math.sqrt(len(draws))
    assert np.all(np.abs(np.mean(draws, axis=0) - expected) <= ERRORS * error + 1e-13)


def some_samples(n: int, noise: float = 0.0, activation: int = ERF) -> Samples:
    rows = np.zeros((K + M, K + M))
    place(frame(Q, R, T), Setting(20, 1, 1, 1.0, 1.0), generator(), rows)
    drawn = samples(K + M, K + M, n)
    draw(
        rows, np.array([1.0, -0.5, 2.0]), noise, activation, lanes(np.random.SeedSequence(0)), drawn
    )
    return drawn


def test_the_frame_has_its_overlaps() -> None:
    found_Q, found_R = np.empty((K, K)), np.empty((K, M))
    placed = frame(Q, R, T)
    write_overlaps(placed, found_Q, found_R)
    np.testing.assert_allclose(found_Q, Q, rtol=1e-14)
    np.testing.assert_allclose(found_R, R, rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(placed.teacher @ placed.teacher.T, T, rtol=1e-14, atol=1e-16)


def test_tiny_overlaps_keep_their_digits() -> None:
    found_Q, found_R = np.empty((K, K)), np.empty((K, M))
    write_overlaps(frame(Q, 1e-12 * R, T), found_Q, found_R)
    np.testing.assert_allclose(found_R, 1e-12 * R, rtol=1e-14, atol=1e-28)


def test_the_reference_starts_from_the_same_overlaps() -> None:
    J, B = reference.weights(Q, R, T, 12)
    np.testing.assert_allclose(J @ J.T / 12, Q, rtol=1e-14)
    np.testing.assert_allclose(J @ B.T / 12, R, rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(B @ B.T / 12, T, rtol=1e-14, atol=1e-16)


@KINDS
def test_activations_and_labels_are_those_of_the_fields(activation: int) -> None:
    placed, setting = frame(Q, R, T), Setting(20, 1, 1, 1.0, 1.0, activation=activation)
    drawn = some_samples(7, activation=activation)
    z = drawn.z
    students = placed.parallel @ z[:M] + placed.orthogonal @ z[M:]
    teachers = placed.teacher @ z[:M]
    np.testing.assert_allclose(drawn.g[:K], reference.g(students, setting), atol=1e-13)
    np.testing.assert_allclose(drawn.g[K:], reference.g(teachers, setting), atol=1e-13)
    labels = np.array([1.0, -0.5, 2.0]) @ reference.g(teachers, setting)
    np.testing.assert_allclose(drawn.y, labels, atol=1e-13)
    slopes = steepness(activation) * drawn.slope[:K]
    np.testing.assert_allclose(slopes, reference.slope(students, setting), rtol=1e-12)


@pytest.mark.parametrize("inner_steps", [1.0, 2.0, 7.0, math.inf])
@pytest.mark.parametrize("P", [1, 30])
def test_the_inner_loop_is_the_reference_s(inner_steps: float, P: int) -> None:
    setting = Setting(20, P, 1, 1.3, 1.0, inner_steps)
    drawn = some_samples(P, noise=0.3)
    w = np.empty(K)
    adapt(drawn, setting, w)
    np.testing.assert_allclose(w, reference.adapted(drawn.g[:K].T, drawn.y, setting), rtol=1e-10)


def test_a_factor_has_the_moments_of_a_wishart_matrix() -> None:
    size, freedom = 3, 4
    rng = generator()
    factors = np.zeros((DRAWS, size, size))
    for A in factors:
        add_bartlett(A, 1.0, freedom, rng)
    W = factors @ factors.transpose(0, 2, 1)
    assert_mean(W, freedom * np.eye(size))
    assert_mean((W - freedom * np.eye(size)) ** 2, freedom * (1 + np.eye(size)))
    halves = [multigammaln(freedom / 2 + h, size) for h in (1e-5, -1e-5)]
    log_determinant = (halves[0] - halves[1]) / 2e-5 + size * math.log(2)
    assert_mean(np.linalg.slogdet(W)[1], log_determinant)


def test_the_task_s_teacher_varies_about_the_mean_one() -> None:
    N, sigma_B = 10, 0.8
    setting = Setting(N, 1, 1, 1.0, 1.0, sigma_B=sigma_B)
    rng = generator()
    rows = np.zeros((DRAWS, K + M, K + 2 * M))
    placed = frame(Q, R, T)
    for each in rows:
        place(placed, setting, rng, each)
    gram = rows @ rows.transpose(0, 2, 1)
    np.testing.assert_allclose(gram[:, :K, :K], np.broadcast_to(Q, (DRAWS, K, K)))
    assert_mean(gram[:, :K, K:], R)
    assert_mean((gram[:, :K, K:] - R) ** 2, sigma_B**2 / N * np.outer(np.diag(Q), np.ones(M)))
    assert_mean(gram[:, K:, K:], T + sigma_B**2 * np.eye(M))
    d = np.diag(T)
    spread = sigma_B**2 / N * (d[:, None] + d) + sigma_B**4 / N
    spread += np.diag(np.diag(spread))
    assert_mean((gram[:, K:, K:] - T - sigma_B**2 * np.eye(M)) ** 2, spread)


@pytest.mark.parametrize("extra", [0, M])
def test_the_outer_step_moves_as_many_dimensions_as_there_are(extra: int) -> None:
    """Given the samples, the unseen part of Q's step is a Wishart matrix: mean and variance."""
    N, V, D = 12, 5, K + M + extra
    setting = Setting(N, 1, V, 1.0, 7.0, sigma_B=float(extra > 0), weight_decay=0.6)
    start = frame(Q, R, T)
    before = np.hstack([start.parallel, start.orthogonal, np.zeros((K, extra))])
    z, delta = (np.random.default_rng(s).standard_normal((n, V)) for s, n in ((1, D), (2, K)))
    rate = setting.eta_J / (N * V)
    seen = (1 - 0.6 / N) * before + rate * delta @ z.T
    rng = generator()
    found_Q, found_R = np.empty((DRAWS, K, K)), np.empty((DRAWS, K, M))
    for t in range(DRAWS):
        moved = Frame(*(part.copy() for part in start))
        move(moved, setting, z, delta.copy(), rng, np.empty((K, D - M + K)))
        write_overlaps(moved, found_Q[t], found_R[t])
    scale = rate**2 * delta @ delta.T
    np.testing.assert_allclose(
        found_R, np.broadcast_to(seen[:, :M] @ start.teacher.T, (DRAWS, K, M))
    )
    mean = seen @ seen.T + (N - D) * scale
    assert_mean(found_Q, mean)
    variance = (N - D) * (scale**2 + np.outer(np.diag(scale), np.diag(scale)))
    assert_mean((found_Q - mean) ** 2, variance)


@KINDS
def test_the_population_error_is_that_of_a_large_test_set(activation: int) -> None:
    n = 200_000
    rows = np.zeros((K + M, K + 2 * M))
    place(frame(Q, R, T), Setting(20, 1, 1, 1.0, 1.0, sigma_B=0.5), generator(), rows)
    u, w = np.array([1.0, -0.5, 2.0]), np.array([0.4, -0.3])
    drawn = samples(K + M, K + 2 * M, n)
    draw(rows, u, 0.0, activation, lanes(np.random.SeedSequence(3)), drawn)
    subtract_student(drawn, w)
    assert_mean(drawn.y**2 / 2, np.array(population_error(rows, u, w, activation)))
    assert half_mean_square(drawn.y) == pytest.approx(np.mean(drawn.y**2) / 2)
