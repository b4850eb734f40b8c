"""The gradient of MAML, in both forms, against numbers, complex steps and identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.models.fourier import metagradient
from sweep.models.fourier.evaluation import evaluation
from sweep.models.fourier.features import features, inputs
from sweep.models.fourier.metagradient import dual, meta_gradient, primal
from sweep.models.fourier.tasks import Batch
from tests.models.fourier.oracle_fourier import design, inner_loop, loss, outer_loss
from tests.models.fourier.oracle_fourier import meta_gradient as slow_gradient

FORMS = pytest.mark.parametrize("form", [primal, dual])

# x = (-.75, -.25, .3, .9) and (-.6, .1, .5) on a pool of 40.
EXAMPLE = Batch(np.array([5, 15, 26, 38]), np.array([8, 22, 30]), np.array([[1, -0.5, 0.25]]))
EXAMPLE_WEIGHTS = np.array([1, 0.8, 0.6, 0.4, 0.2])
FULL = (
    -0.8023413890226707,
    -0.19693425850628765,
    -0.0324118853830354,
    0.021855940305398933,
    0.0013375572234933498,
)
FIRST_ORDER = (
    -0.514867731532775,
    -0.11441461078138485,
    -0.015959062141663212,
    0.011543173576144606,
    0.0006070977778144917,
)


def sets(batch: Batch, D: int, pool: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(Φ, β* of every task, its labels) on training and on validation points, by the oracle."""
    result = []
    for points in (batch.train, batch.validation):
        phi = design(list(inputs(pool)[points]), D)
        result.append((phi, batch.coefficients @ phi[:, :3].T))
    return result


def random_batch(rng: np.random.Generator, pool: int, n: int, m: int, tasks: int) -> Batch:
    order = rng.permutation(pool)
    return Batch(order[:n], order[pool - m :], rng.standard_normal((tasks, 3)))


class TestNumbers:
    @FORMS
    @pytest.mark.parametrize(("order", "expected"), [(2, FULL), (1, FIRST_ORDER)])
    def test_gradients(self, form, order: int, expected: tuple[float, ...]) -> None:
        found = form(EXAMPLE_WEIGHTS, EXAMPLE, pool=40, inner_rate=0.1, inner_steps=3, order=order)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)

    def test_outer_loss_of_the_oracle(self) -> None:
        (phi, y), (phi_v, y_v) = sets(EXAMPLE, 5, 40)
        found = outer_loss(EXAMPLE_WEIGHTS, (phi, y[0]), (phi_v, y_v[0]), 0.1, 3)
        assert found == pytest.approx(0.3918477579977022, abs=1e-14)

    def test_curvature(self) -> None:
        weighted = features(EXAMPLE.train, 5, 40) * EXAMPLE_WEIGHTS
        largest = np.linalg.norm(weighted, 2) ** 2 * 2 / 4
        assert largest == pytest.approx(2.0603751144680973, abs=1e-13)


@FORMS
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("n", "m", "tasks", "steps"), [(4, 3, 1, 3), (6, 9, 3, 1), (12, 2, 2, 5)])
def test_is_the_complex_step_derivative(
    form, order: int, n: int, m: int, tasks: int, steps: int
) -> None:
    rng = np.random.default_rng(n)
    D, pool = 9, 25
    batch, weights = random_batch(rng, pool, n, m, tasks), rng.random(D)
    (phi, y), (phi_v, y_v) = sets(batch, D, pool)
    expected = np.mean(
        [
            slow_gradient(weights, (phi, y[t]), (phi_v, y_v[t]), 0.07, steps, order)
            for t in range(tasks)
        ],
        axis=0,
    )
    found = form(weights, batch, pool=pool, inner_rate=0.07, inner_steps=steps, order=order)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 15), st.integers(1, 20), st.integers(1, 12), st.integers(1, 6), st.integers(0, 9)
)
def test_dual_equals_primal(R: int, n: int, m: int, steps: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    batch, weights = random_batch(rng, 33, n, m, 2), rng.standard_normal(2 * R + 1)
    for order in (1, 2):
        setting = {"pool": 33, "inner_rate": 0.02, "inner_steps": steps, "order": order}
        expected = primal(weights, batch, **setting)
        scale = 1 + np.abs(expected).max()
        assert np.abs(dual(weights, batch, **setting) - expected).max() < 1e-12 * scale


def test_dual_equals_primal_at_full_size() -> None:
    rng = np.random.default_rng(1)
    batch, weights = random_batch(rng, 1024, 64, 64, 5), rng.random(501)
    setting = {"pool": 1024, "inner_rate": 0.01, "inner_steps": 5, "order": 2}
    expected = primal(weights, batch, **setting)
    np.testing.assert_allclose(dual(weights, batch, **setting), expected, atol=1e-14)


@pytest.mark.parametrize(("n", "form"), [(4, "dual"), (5, "primal"), (8, "primal")])
def test_the_smaller_space_is_used(n: int, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metagradient, form, lambda *_, **__: "used")
    batch = random_batch(np.random.default_rng(0), 16, n, 2, 1)
    setting = {"pool": 16, "inner_rate": 0.1, "inner_steps": 1, "order": 2}
    assert meta_gradient(np.ones(5), batch, **setting) == "used"


@FORMS
@given(seed=st.integers(0, 2**32), rate=st.floats(1e-3, 0.3))
@settings(max_examples=20, deadline=None)
def test_after_one_step_the_full_gradient_is_twice_the_first_order_one(
    form, seed: int, rate: float
) -> None:
    rng = np.random.default_rng(seed)
    batch, weights = random_batch(rng, 32, 6, 6, 3), rng.standard_normal(11)
    first = form(weights, batch, pool=32, inner_rate=rate, inner_steps=1, order=1)
    full = form(weights, batch, pool=32, inner_rate=rate, inner_steps=1, order=2)
    np.testing.assert_allclose(full, 2 * first, rtol=1e-12, atol=1e-13)


@FORMS
@given(seed=st.integers(0, 2**32), order=st.sampled_from([1, 2]), steps=st.integers(1, 6))
@settings(max_examples=20, deadline=None)
def test_a_weight_of_zero_stays_zero(form, seed: int, order: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    batch, weights = random_batch(rng, 32, 6, 6, 2), rng.standard_normal(11)
    weights[[1, 7]] = 0
    found = form(weights, batch, pool=32, inner_rate=0.03, inner_steps=steps, order=order)
    assert np.array_equal(found[[1, 7]], [0, 0])


def test_loss_falls_along_the_gradient() -> None:
    (phi, y), (phi_v, y_v) = sets(EXAMPLE, 5, 40)
    setting = {"pool": 40, "inner_rate": 0.1, "inner_steps": 3, "order": 2}
    weights = EXAMPLE_WEIGHTS - 0.01 * meta_gradient(EXAMPLE_WEIGHTS, EXAMPLE, **setting)
    after = loss(weights, inner_loop(weights, phi, y[0], 0.1, 3), phi_v, y_v[0])
    assert after < 0.3918477579977022


def test_deterministic_maml_reaches_its_target_at_step_113() -> None:
    """Losses of the three tasks are summed, so the rate is three times that for their mean."""
    D, pool = 501, 1024
    grid = np.arange(0, pool, 16)
    batch = Batch(grid, np.arange(pool), np.eye(3))
    test = evaluation(grid, np.eye(3), D, pool)
    weights = np.ones(D)
    errors = []
    for _ in range(113):
        weights = weights - 0.3 * meta_gradient(
            weights, batch, pool=pool, inner_rate=0.02, inner_steps=5, order=2
        )
        errors.append(test.error(weights))
    assert np.flatnonzero(np.array(errors) <= 0.01).tolist() == [112]
    assert errors[-1] == pytest.approx(0.0098651531030788, abs=1e-11)
    expected = [3.10280653254066, 3.22823999071509, 3.22823999071509]
    np.testing.assert_allclose(weights[:3], expected, rtol=0, atol=1e-10)
