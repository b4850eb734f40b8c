"""What finite P costs at K = M = 3, P = V = 100, beside finite V alone: as ratios of one run.

The ratios are of the shortest of interleaved rounds, which other work on the machine disturbs
least.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from numba import njit
from pytest_benchmark.fixture import BenchmarkFixture

from sweep.models.fo_anil.erf import ERF, ERF_FINITE_P
from sweep.models.fo_anil.kind import Kind, space_of
from sweep.models.fo_anil.model import MODEL
from sweep.models.fo_anil.solve import follow
from sweep.models.fo_anil.state import Problem, state
from sweep.ode.solve import Solution, ask
from tests.benchmarks.conftest import Note
from tests.benchmarks.timing import shortest

T = np.diag([1.0, 2.0, 3.0])
AMID = state(
    np.diag([1.2, 1.5, 1.8]) + 0.2, np.array([[0.2, 0.3, 1.5], [0.4, 1.2, 0.3], [0.7, 0.2, 0.1]])
)
START = state(0.5 * np.eye(3), 1e-12 * np.random.default_rng(0).random((3, 3)))

EVALUATIONS = 2000
ROUNDS = 15
FACTOR = 10
"""The most by which an evaluation and a trajectory may take longer at finite P."""


def problem(P: float) -> Problem:
    return Problem(3, 3, 4.0, 1.0, P, 6.0 / 100, 0.0, 1.0, 0.0)


@njit
def _evaluate(right_hand_side, y, problem, space, times):  # type: ignore[no-untyped-def]
    dy = np.empty_like(y)
    for _ in range(times):
        right_hand_side(y, dy, problem, space)
    return dy


def evaluations(kind: Kind, P: float) -> None:
    space = space_of(kind, problem(P), T, 0.0)
    dy = _evaluate(kind.equations.slope, AMID, problem(P), space, EVALUATIONS)
    assert np.isfinite(dy).all()


def trajectory(kind: Kind, P: float) -> Solution:
    questions, _, _ = ask(np.zeros(1), np.array([6.0 * 50]))
    solution, _ = follow(START, questions, problem(P), T, kind=kind, rtol=1e-9, atol=1e-20)
    return solution


KINDS = {"finite V": (ERF, np.inf), "finite V and P": (ERF_FINITE_P, 100.0)}


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    MODEL.warm_up(MODEL.alone({p.name: p.default for p in MODEL.parameters}))
    for kind in KINDS.values():
        trajectory(*kind)
        evaluations(*kind)


@pytest.mark.parametrize("kind", KINDS)
def test_evaluation(benchmark: BenchmarkFixture, kind: str) -> None:
    benchmark.extra_info["evaluations"] = EVALUATIONS
    benchmark(evaluations, *KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_trajectory(benchmark: BenchmarkFixture, kind: str) -> None:
    benchmark.extra_info["evaluations"] = benchmark(trajectory, *KINDS[kind]).evaluations


@pytest.mark.parametrize("run", [evaluations, trajectory])
def test_finite_P_takes_no_more_than_ten_times_as_long(
    note: Note, run: Callable[..., object]
) -> None:
    infinite, finite = shortest(ROUNDS, *[partial(run, *kind) for kind in KINDS.values()])
    note(f"finite P, {run.__name__}", finite / infinite, "at most", FACTOR)
    assert finite < FACTOR * infinite
