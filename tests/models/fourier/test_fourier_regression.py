"""The closed form, against lstsq and against what is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import lstsq

from sweep.models.fourier import regression
from sweep.models.fourier.evaluation import evaluation, unseen_tasks
from sweep.models.fourier.features import features
from sweep.models.fourier.regression import minimum_norm
from tests.models.fourier.oracle_fourier import dense_error

D, POOL = 501, 1024
GRID = np.arange(0, POOL, 16)
ALL = np.arange(POOL)


def plain(phi: np.ndarray, weights: np.ndarray, targets: np.ndarray) -> np.ndarray:
    return weights[:, None] * lstsq(phi * weights, targets)[0]


@pytest.mark.parametrize("n", [1, 8, 64, 500, 501, 600])
@pytest.mark.parametrize("D", [129, 501])
def test_equals_lstsq(D: int, n: int) -> None:
    rng = np.random.default_rng(n)
    phi = features(rng.permutation(POOL)[:n], D, POOL)
    weights, targets = rng.random(D) + 0.01, rng.standard_normal((n, 4))
    found, expected = minimum_norm(phi, weights, targets), plain(phi, weights, targets)
    condition = np.linalg.cond(phi * weights)
    tolerance = 1e-14 * condition * np.linalg.norm(expected)
    assert np.linalg.norm(found - expected) < tolerance


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 12),
    st.integers(1, 8),
    st.integers(0, 2**32),
    st.floats(-6, 0),
    st.integers(0, 6),
)
def test_equals_lstsq_whatever_the_rank(
    n: int, R: int, seed: int, spread: float, zeros: int
) -> None:
    D = 2 * R + 1
    rng = np.random.default_rng(seed)
    phi = features(rng.permutation(32)[:n], D, 32)
    weights = 10 ** (spread * rng.random(D))
    weights[rng.permutation(D)[:zeros]] = 0
    targets = rng.standard_normal((n, 2))
    found, expected = minimum_norm(phi, weights, targets), plain(phi, weights, targets)
    sizes = np.linalg.svd(phi * weights, compute_uv=False)
    present = sizes[sizes > 1e-13 * sizes[0]] if sizes[0] else np.ones(1)
    tolerance = 1e-13 * (present[0] / present[-1]) ** 2 * (1 + np.linalg.norm(expected))
    assert np.linalg.norm(found - expected) <= tolerance


def test_nearly_singular_is_left_to_lstsq(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def counted(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
        called.append(len(a))
        return lstsq(a, b)

    monkeypatch.setattr(regression, "lstsq", counted)
    phi = features(np.arange(8), 33, 64)
    weights = np.ones(33)
    minimum_norm(phi, weights, phi[:, :3])
    assert not called
    weights[5:] = 1e-12
    minimum_norm(phi, weights, phi[:, :3])
    weights[5:] = 0
    minimum_norm(phi, weights, phi[:, :3])
    assert called == [8, 8]


def test_closed_form_on_a_grid_errs_by_six_sevenths() -> None:
    tasks = np.random.default_rng(0).standard_normal((20, 3))
    for coefficients in (tasks, tasks[:1], np.eye(3)[1:2]):
        error = evaluation(GRID, coefficients, D, POOL).error(np.ones(D))
        assert error == pytest.approx(6 / 7, abs=1e-12)


def test_largest_eigenvalue_on_a_grid_is_sixteen() -> None:
    phi = features(GRID, D, POOL)
    assert np.linalg.norm(phi, 2) ** 2 * 2 / 64 == pytest.approx(16, abs=1e-12)


def test_closed_form_fits_the_points_and_fails_between() -> None:
    errors = {}
    for n_shot in (64, 8):
        runs = [unseen_tasks(seed, D=D, pool=POOL, n_shot=n_shot) for seed in range(6)]
        errors[n_shot] = np.mean([run.error(np.ones(D)) for run in runs])
        for run in runs:
            y = run.features[:, :3] @ run.coefficients.T
            fit = run.features @ minimum_norm(run.features, np.ones(D), y)
            assert np.abs(fit - y).max() < 1e-12
    assert errors[64] == pytest.approx(0.875, abs=0.01)
    assert errors[8] == pytest.approx(0.984, abs=0.005)


@pytest.mark.parametrize(("D", "n_shot"), [(33, 8), (33, 32), (33, 33), (33, 48), (3, 1)])
def test_error_is_the_dense_mean_squared_error(D: int, n_shot: int) -> None:
    rng = np.random.default_rng(n_shot)
    weights = rng.random(D)
    points = rng.permutation(64)[:n_shot]
    tasks = rng.standard_normal((4, 3))
    expected = dense_error(
        weights, features(np.arange(64), D, 64), list(points), np.pad(tasks, ((0, 0), (0, D - 3)))
    )
    found = evaluation(points, tasks, D, 64).error(weights)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-20)


def test_predicting_zero_scores_one() -> None:
    assert unseen_tasks(0, D=33, pool=64, n_shot=8).error(np.zeros(33)) == 1
