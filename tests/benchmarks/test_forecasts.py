"""Forecasts beside the CPU time of trajectories: before a run, and after a tenth of it."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from sweep.grid import read_grid
from sweep.runner.plan import Plan, make_plan
from sweep.store.known import Known
from tests.benchmarks.conftest import Note

GRIDS = Path(__file__).parents[2] / "grids"
BEFORE, AFTER_A_TENTH = 2.0, 1.3
"""A forecast may be off by these factors."""

DOZEN = 12
"""Of fewer trajectories than this a tenth says little of the others."""


@pytest.mark.parametrize("name", sorted(path.stem for path in GRIDS.glob("*.toml")))
def test_forecasts(name: str, note: Note) -> None:
    grid = read_grid(str(GRIDS / f"{name}.toml"))
    plan = make_plan(grid, Known())
    forecast = plan.forecast
    before, taken = forecast.left, seconds(plan)
    total = sum(taken.values())
    note(f"{name}: {total:.3g} s, said before", factor(before, total), "at most", BEFORE)
    order = np.array([i for batch in plan.batches(1) for i in batch])
    done = 1 + int(np.searchsorted(np.cumsum([taken[i] for i in order]), 0.1 * total))
    for i in order[:done]:
        forecast.learn(int(i), taken[i])
    forecast.ponder()
    left = sum(taken[i] for i in order[done:])
    if done >= DOZEN:
        note(f"{name}: said after {done}", factor(forecast.left, left), "at most", AFTER_A_TENTH)


def seconds(plan: Plan) -> dict[int, float]:
    """The CPU time of each trajectory, with compiled kernels."""
    for trajectory in plan.warm_ups():
        plan.model.warm_up(trajectory)
    taken = {}
    for i in range(len(plan)):
        start = time.process_time()
        plan.model.solve(plan.trajectory(i), plan.solver)
        taken[i] = time.process_time() - start
    return taken


def factor(said: float, true: float) -> float:
    """How far off it is, in whichever direction."""
    return max(said / true, true / said)
