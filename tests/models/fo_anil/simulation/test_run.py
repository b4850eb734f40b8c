"""A run: its random numbers, its stretches, its moving averages, and how it breaks off."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sweep.models.fo_anil.simulation import run
from sweep.models.fo_anil.simulation.run import Start, Stretch, moving_means, stretches
from sweep.models.fo_anil.simulation.setting import Setting
from sweep.ode.arrays import Floats

START = Start(0.5 * np.eye(2), np.full((2, 3), 0.01), np.diag([1.0, 2.0, 3.0]))
SETTING = Setting(50, 6, 5, 2.0, 3.0, sigma_y=0.1)


def joined(parts: Iterable[Stretch]) -> tuple[Floats, Floats, Floats, Floats]:
    parts = list(parts)
    errors, means, Q, R = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("errors", "means", "Q", "R")
    )
    return errors, means, Q, R


def simulated(
    n_test: int = 4, seed: int = 0, tasks: int = 600, setting: Setting = SETTING
) -> tuple[Floats, Floats, Floats, Floats]:
    return joined(stretches(START, setting, n_test, 7, seed, tasks))


def test_a_seed_gives_one_run_in_every_thread() -> None:
    expected = simulated()
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: simulated(), range(8)):
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_array_equal(a, b)


def test_another_seed_gives_another_run() -> None:
    assert not np.any(simulated(seed=1)[2][-1] == simulated()[2][-1])


@pytest.mark.parametrize("n_test", [0, 1, 50])
def test_the_test_set_leaves_the_trajectory_alone(n_test: int) -> None:
    errors, _, Q, R = simulated(n_test)
    other_errors, _, expected_Q, expected_R = simulated(4)
    assert not np.any(errors == other_errors)
    np.testing.assert_array_equal(Q, expected_Q)
    np.testing.assert_array_equal(R, expected_R)


def test_the_length_of_stretches_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = simulated()
    monkeypatch.setattr(run, "LONGEST_STRETCH", 11)
    errors, means, Q, R = simulated()
    np.testing.assert_array_equal(errors, expected[0])
    np.testing.assert_allclose(means, expected[1], rtol=1e-13)
    np.testing.assert_array_equal(Q, expected[2])
    np.testing.assert_array_equal(R, expected[3])


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    for long, short in zip(simulated(tasks=600), simulated(tasks=300), strict=True):
        np.testing.assert_array_equal(long[:256], short[:256])
        np.testing.assert_allclose(long[:300], short, rtol=1e-13)


def test_means_are_those_of_the_last_errors() -> None:
    errors, means, _, _ = simulated()
    expected = [errors[max(0, i - 6) : i + 1].mean() for i in range(len(errors))]
    np.testing.assert_allclose(means, expected, rtol=1e-13)


def test_a_window_of_one_task_is_no_average() -> None:
    values, means = np.array([3.0, 1.0, 2.0]), np.empty(3)
    moving_means(values, np.zeros(1), 5, means)
    np.testing.assert_array_equal(means, values)


def test_a_run_that_blows_up_ends_with_its_last_finite_task() -> None:
    wild = SETTING._replace(weight_decay=1e6)
    errors, means, Q, R = simulated(setting=wild)
    assert 0 < len(errors) == len(means) == len(Q) == len(R) < 600
    assert np.isfinite(errors).all()
    assert np.isfinite(Q).all()


def test_q_stays_a_covariance_over_a_long_run() -> None:
    _, _, Q, R = simulated(tasks=20_000)
    rest = Q - R @ np.linalg.solve(START.T, R.transpose(0, 2, 1))
    assert np.linalg.eigvalsh(rest).min() > 0
