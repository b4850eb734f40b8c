"""How fast the simulation is at P = V = 100, K = M = 3, by itself and as ratios of one run.

The ratios are of the shortest of interleaved rounds, which other work on the machine disturbs
least.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sweep.models.fo_anil.simulation import reference
from sweep.models.fo_anil.simulation.model import MODEL
from sweep.models.fo_anil.simulation.run import Start, stretches
from sweep.models.fo_anil.simulation.setting import Setting
from tests.benchmarks.conftest import Note
from tests.benchmarks.timing import shortest

START = Start(0.5 * np.eye(3), np.full((3, 3), 0.1), np.diag([1.0, 2.0, 3.0]))
N_TEST = 10
ROUNDS = 15

FAST_TASKS = 2000
CLEAR_TASKS = 10

FACTOR = 100
"""The least by which the reduced simulation is to be faster at N = 1000."""

GROWTH = 1.2
"""The most by which a task may take longer at N = 1,000,000."""


def setting(N: int) -> Setting:
    return Setting(N, 100, 100, 4.0, 6.0)


def fast(N: int, n_test: int = N_TEST) -> None:
    deque(stretches(START, setting(N), n_test, N // 20, 0, FAST_TASKS), maxlen=0)


def clear(N: int) -> None:
    rng = np.random.default_rng(0)
    J, B = reference.weights(START.Q, START.R, START.T, N)
    for _ in range(CLEAR_TASKS):
        J, _ = reference.task(J, B, setting(N), N_TEST, rng)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    MODEL.warm_up(MODEL.alone({p.name: p.default for p in MODEL.parameters}))


@pytest.mark.parametrize("N", [1000, 1_000_000])
def test_reduced(benchmark: BenchmarkFixture, N: int) -> None:
    benchmark.extra_info["tasks"] = FAST_TASKS
    benchmark(fast, N)


def test_reduced_with_the_population_error(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info["tasks"] = FAST_TASKS
    benchmark(fast, 1000, 0)


def test_reference(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info["tasks"] = CLEAR_TASKS
    benchmark(clear, 1000)


def test_the_reduced_simulation_is_a_hundred_times_faster(note: Note) -> None:
    reduced, full = shortest(ROUNDS, lambda: fast(1000), lambda: clear(1000))
    factor = (full / CLEAR_TASKS) / (reduced / FAST_TASKS)
    note("simulation, N = 1000, all weights / reduced", factor, "at least", FACTOR)
    assert factor >= FACTOR


def test_its_time_a_task_does_not_depend_on_the_dimension(note: Note) -> None:
    small, large = shortest(ROUNDS, lambda: fast(1000), lambda: fast(1_000_000))
    note("simulation, N = 1,000,000 / N = 1000", large / small, "at most", GROWTH)
    assert 1 / GROWTH < large / small < GROWTH
