"""Features, points and streams."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.models.fourier.features import features, inputs, kernel_gradient, kernel_tables
from sweep.models.fourier.tasks import Training, initial_weights, unseen_points
from tests.models.fourier.oracle_fourier import design


@st.composite
def feature_sets(draw: st.DrawFn) -> tuple[int, int]:
    """(D, pool), D odd and below pool."""
    pool = draw(st.integers(4, 40))
    return 2 * draw(st.integers(1, (pool - 2) // 2)) + 1, pool


@settings(max_examples=40, deadline=None)
@given(feature_sets())
def test_features_are_those_of_the_definition(sizes: tuple[int, int]) -> None:
    D, pool = sizes
    expected = design(list(inputs(pool)), D)
    np.testing.assert_allclose(features(np.arange(pool), D, pool), expected, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(feature_sets())
def test_features_are_orthonormal_on_the_pool(sizes: tuple[int, int]) -> None:
    D, pool = sizes
    phi = features(np.arange(pool), D, pool)
    np.testing.assert_allclose(phi.T @ phi / pool, np.eye(D), atol=1e-13)


def test_orthonormal_at_full_size() -> None:
    phi = features(np.arange(1024), 501, 1024)
    np.testing.assert_allclose(phi.T @ phi / 1024, np.eye(501), atol=1e-13)


@settings(max_examples=40, deadline=None)
@given(feature_sets(), st.integers(0, 2**32))
def test_kernel_tables_are_the_kernel(sizes: tuple[int, int], seed: int) -> None:
    D, pool = sizes
    rng = np.random.default_rng(seed)
    powers, points = rng.standard_normal(D), np.arange(pool)
    phi = features(points, D, pool)
    tables = kernel_tables(powers, pool)
    minus, plus = np.subtract.outer(points, points), np.add.outer(points, points)
    kernel = tables[0, minus % pool] + tables[1, plus % pool]
    np.testing.assert_allclose(kernel, (phi * powers) @ phi.T, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(feature_sets(), st.integers(0, 2**32))
def test_kernel_gradient_is_the_transpose_of_kernel_tables(
    sizes: tuple[int, int], seed: int
) -> None:
    D, pool = sizes
    rng = np.random.default_rng(seed)
    powers, sums = rng.standard_normal(D), rng.standard_normal((2, pool))
    forward = (kernel_tables(powers, pool) * sums).sum()
    assert forward == pytest.approx(powers @ kernel_gradient(sums, D), abs=1e-11)


class TestStreams:
    def test_points_of_a_step_are_disjoint(self) -> None:
        batch = Training(0, pool=32, n_train=20, n_val=12, tasks=1).batch()
        assert sorted([*batch.train, *batch.validation]) == list(range(32))

    def test_more_points_and_tasks_contain_the_fewer(self) -> None:
        few = Training(3, pool=128, n_train=16, n_val=8, tasks=2)
        many = Training(3, pool=128, n_train=64, n_val=64, tasks=5)
        for _ in range(3):
            a, b = few.batch(), many.batch()
            assert np.array_equal(a.train, b.train[:16])
            assert np.array_equal(a.validation, b.validation[-8:])
            assert np.array_equal(a.coefficients, b.coefficients[:2])

    def test_steps_seeds_and_tasks_differ(self) -> None:
        stream = Training(3, pool=128, n_train=16, n_val=8, tasks=2)
        first, second = stream.batch(), stream.batch()
        other = Training(4, pool=128, n_train=16, n_val=8, tasks=2).batch()
        assert not np.array_equal(first.train, second.train)
        assert not np.array_equal(first.train, other.train)
        assert len({*first.coefficients.flat, *second.coefficients.flat}) == 12

    def test_start_and_unseen_points_of_more_contain_those_of_fewer(self) -> None:
        assert np.array_equal(
            initial_weights("uniform", 5, 0), initial_weights("uniform", 9, 0)[:5]
        )
        assert np.array_equal(
            unseen_points(0, pool=64, n_shot=8), unseen_points(0, pool=64, n_shot=16)[:8]
        )

    def test_uniform_start_is_within_bounds(self) -> None:
        weights = initial_weights("uniform", 501, 7)
        assert weights.min() >= 0
        assert weights.max() < 1
        assert weights.std() == pytest.approx(12**-0.5, rel=0.1)

    def test_ones(self) -> None:
        assert np.array_equal(initial_weights("ones", 3, 0), np.ones(3))
