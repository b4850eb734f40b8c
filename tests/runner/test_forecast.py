"""How long a run takes: before it, and when some of it is done."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from sweep.models.base import Block, Trajectory
from sweep.models.status import FAILED
from sweep.ode.arrays import Floats
from sweep.runner import progress
from sweep.runner.plan import Plan, make_plan
from sweep.runner.progress import Reporter
from sweep.store.known import Known
from tests.faults.laboratory import grid_of, text_of
from tests.faults.model import FaultyModel

AXES = "x = { lin = [0, 1], n = 80 }\ny = { int = [1, 8] }\ntarget_error = [0.1, 0.01]"
JOBS = 2

Truth = Callable[[float, float], float]
"""What the trajectory of x and y takes."""


def by_status(x: float, y: float) -> float:
    """Those beyond a line are dear, of which nobody has told the model."""
    return 0.3 if x > 0.2 + y / 16 else 0.02


def by_group(x: float, y: float) -> float:
    """Those of large y are dear, but half of them end at once."""
    return 0.001 * 2**y if x > 0.5 else 1e-4


def by_chance(x: float, y: float) -> float:
    """Nothing says which are dear."""
    return float(np.exp(0.5 * np.random.default_rng([int(1000 * x), int(y)]).normal()))


def constant(y: float) -> float:  # noqa: ARG001
    """The cost where nothing is known."""
    return 0.005


def inverse(y: float) -> float:
    """A cost that has it the wrong way round."""
    return float(1.5**-y)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def planned(monkeypatch: pytest.MonkeyPatch, cost: Callable[[float], float]) -> Plan:
    """A plan of 640 trajectories, of which the model says that they cost this."""

    def said(_: FaultyModel, trajectory: Trajectory, __: object) -> float:
        return cost(float(str(trajectory.shared["y"])))

    monkeypatch.setattr(FaultyModel, "cost", said)
    return make_plan(grid_of(text_of(AXES)), Known())


def truth_of(plan: Plan, truth: Truth) -> Floats:
    shared = [plan.trajectory(i).shared for i in range(len(plan))]
    return np.array([truth(float(str(s["x"])), float(str(s["y"]))) for s in shared])


def block(plan: Plan, i: int, seconds: float) -> Block:
    """That a trajectory is done; how does not matter."""
    return Block(plan.trajectory(i).cells, None, seconds, "")


@pytest.mark.parametrize("truth", [by_status, by_group, by_chance])
@pytest.mark.parametrize("cost", [constant, inverse])
@pytest.mark.parametrize("part", [0.1, 0.3, 0.7])
def test_after_a_tenth_of_the_run_the_time_left_is_right_within_30_percent(
    monkeypatch: pytest.MonkeyPatch,
    clock: list[float],
    truth: Truth,
    cost: Callable[[float], float],
    part: float,
) -> None:
    plan = planned(monkeypatch, cost)
    seconds = truth_of(plan, truth)
    order = [i for batch in plan.batches(JOBS) for i in batch]
    reporter = Reporter(plan, Console(file=StringIO()), JOBS)
    done = 1 + int(np.searchsorted(np.cumsum(seconds[order]), part * seconds.sum()))
    for i in order[:done]:
        clock[0] += seconds[i] / JOBS
        reporter.add([block(plan, i, seconds[i])])
    assert reporter.left() == pytest.approx(seconds[order[done:]].sum() / JOBS, rel=0.3)


def test_the_time_left_is_that_of_the_cores_that_are_really_at_work(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    plan = planned(monkeypatch, constant)
    reporter = Reporter(plan, Console(file=StringIO()), 8)
    for i in range(320):
        clock[0] += 1.0 / 2  # two cores of eight: the others are somebody else's
        reporter.add([block(plan, i, 1.0)])
    assert reporter.left() == pytest.approx(160, rel=0.2)


def test_the_time_left_is_not_less_than_the_longest_takes(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    plan = planned(monkeypatch, lambda y: 100.0 if y == 8 else 0.001)
    reporter = Reporter(plan, Console(file=StringIO()), 640)
    clock[0] = 1.0
    assert reporter.left() >= 100


def test_a_tenth_of_nothing_known_is_something_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FaultyModel, "knows_costs", False)
    plan = planned(monkeypatch, constant)
    assert not plan.forecast.is_known
    plan.forecast.learn(7, 400.0)
    plan.forecast.ponder()
    assert plan.forecast.is_known
    assert plan.forecast.left == pytest.approx(639 * 400, rel=0.3)


def test_what_fails_at_once_costs_nothing_and_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(monkeypatch, constant)
    for i in range(40):
        plan.forecast.learn(i, 0.0)
    plan.forecast.ponder()
    assert 0 < plan.forecast.left < 0.01


def test_one_that_is_odd_does_not_count_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(monkeypatch, constant)
    for i in range(64):
        plan.forecast.learn(i, 1000.0 if i == 5 else 0.01)
    plan.forecast.ponder()
    assert plan.forecast.left == pytest.approx(576 * 0.01, rel=0.6)


def test_what_was_learnt_is_thought_of_again_where_it_is_much_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = planned(monkeypatch, constant)
    forecast = plan.forecast
    thoughts = []
    for i in range(640):
        before = forecast.seconds
        forecast.learn(i, 0.01)
        forecast.ponder()
        if forecast.seconds is not before:
            thoughts.append(i + 1)
    assert thoughts[:3] == [1, 2, 3]
    assert len(thoughts) < 28
    assert forecast.left == forecast.longest == 0


def test_nothing_to_do_takes_no_time() -> None:
    whole = make_plan(grid_of(text_of(AXES)), Known())
    done = make_plan(
        grid_of(text_of(AXES)), Known(whole.ids, np.full(len(whole.ids), FAILED, np.int8))
    )
    assert done.forecast.left == done.forecast.longest == done.forecast.on(4) == 0
