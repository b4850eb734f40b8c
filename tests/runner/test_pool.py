"""Trajectories to blocks: every backend gives each once, and stops when it is told to."""

from __future__ import annotations

import math
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Any

import joblib
import numpy as np
import pytest

from sweep.models.base import Answers, Block
from sweep.models.status import FAILED
from sweep.runner import pool, worker
from sweep.runner.plan import Plan, make_plan
from sweep.runner.pool import BACKENDS, TRIES_ALONE, Flight, Workers, compute
from sweep.runner.session import default_jobs
from sweep.runner.worker import Task, TaskLost
from sweep.store.known import Known
from tests.faults.laboratory import AXES, grid_of, text_of

LOCAL = [name for name in BACKENDS if name != "dask"]


def plan(axes: str = AXES, **fixed: object) -> Plan:
    return make_plan(grid_of(text_of(axes, **fixed)), Known())


def cells(blocks: list[Block]) -> list[int]:
    return [int(cell) for block in blocks for cell in block.cells]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("backend", LOCAL)
def test_every_trajectory_comes_back_once(backend: str, jobs: int) -> None:
    made = plan()
    blocks = [block for some in compute(made, Workers(backend, jobs)) for block in some]
    assert sorted(cells(blocks)) == list(range(200))
    assert len(blocks) == len(made) == 100
    for block in blocks:
        assert block.answers is not None
        assert len(block.answers.status) == len(block.cells) == 2


def test_nothing_to_do_is_nothing_done() -> None:
    whole = plan()
    done = make_plan(grid_of(text_of()), Known(whole.ids, np.zeros(200, np.int8)))
    assert list(compute(done, Workers("threading", 2))) == []


def test_what_was_not_finished_of_a_batch_is_run_in_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "LONGEST_BATCH_S", 0.0)
    found = list(compute(plan(), Workers("threading", 2)))
    assert [len(blocks) for blocks in found] == [1] * 100
    assert sorted(cells([block for some in found for block in some])) == list(range(200))


def test_nothing_is_begun_after_the_deadline() -> None:
    assert list(compute(plan(), Workers("threading", 2, deadline=time.monotonic()))) == []


@pytest.mark.parametrize(("seconds", "number"), [(100.0, 3), (None, 3), (-1.0, 0)])
def test_a_worker_elsewhere_counts_the_seconds_itself(seconds: float | None, number: int) -> None:
    """Its clock may show anything when this one shows the deadline."""
    made = plan("y = [1, 2, 3]")
    task = Task(5, made.model, {}, [made.trajectory(i) for i in range(3)], time.monotonic() - 1e6)
    assert len(worker.solve_elsewhere(task, seconds)[1]) == number


def test_a_task_tells_how_much_time_is_left() -> None:
    made = plan()
    task = Task(5, made.model, {}, [], time.monotonic() + 1000)
    assert 0 < (task.seconds_left() or 0) <= 1000
    assert Task(5, made.model, {}, [], None).seconds_left() is None


def test_nothing_is_begun_after_stop() -> None:
    workers = Workers("sequential", 1)
    found = compute(plan(seconds=0.01), workers)
    next(found)
    workers.stop()
    rest = list(found)
    assert len(rest) < 99


def test_a_target_that_is_reached_at_no_time_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with such a row would be set aside by every run, and computed again by every run."""
    made = plan("x = [1]")
    solve = type(made.model).solve

    def timeless(*given: Any) -> Answers:
        answers = solve(*given)
        return replace(answers, time_to_target=np.full_like(answers.time_to_target, np.nan))

    monkeypatch.setattr(type(made.model), "solve", timeless)
    (block,) = worker.solve(Task(0, made.model, {}, [made.trajectory(0)], None))[1]
    assert block.answers is None
    assert block.failure == "ValueError: the target is reached, and no time says when"


def test_an_exception_is_a_block_that_says_so() -> None:
    made = plan("y = [1, 2, 3]", behaviour="raise", bad=2)
    task = Task(5, made.model, {}, [made.trajectory(i) for i in range(3)], None)
    number, blocks, *_ = worker.solve(task)
    assert number == 5
    assert [block.failure for block in blocks] == [
        "",
        "RuntimeError: y = 2 is not to my liking",
        "",
    ]
    assert blocks[1].answers is None
    assert FAILED not in blocks[0].answers.status  # type: ignore[union-attr]


class DyingPools:
    """Stands in for pools of workers that some trajectories kill, after others have been done."""

    def __init__(self, killers: set[int], seed: int, *, tells: bool = False) -> None:
        self.killers, self.tells = killers, tells
        self.deaths, self.alone = 0, 0
        self._chance = random.Random(seed)

    def __call__(
        self, made: Plan, workers: Workers, flight: Flight
    ) -> Iterator[tuple[int, list[Block]]]:
        under_way: list[tuple[int, list[int]]] = []
        while True:
            while len(under_way) < flight.width and (taken := flight.take()):
                under_way.append(taken)
                self.alone += flight.width == 1
            if not under_way:
                return
            running = under_way[: workers.jobs]
            number, batch = running[self._chance.randrange(len(running))]
            if self.killers.intersection(batch):
                self.deaths += 1
                raise TaskLost(number, "died") if self.tells else BrokenProcessPool("died")
            under_way.remove((number, batch))
            yield number, [Block(made.trajectory(i).cells, None, 0.0, "done") for i in batch]


@pytest.fixture(scope="module")
def large() -> Plan:
    return plan("x = { lin = [0, 1], n = 200 }\ny = { int = [1, 5] }")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("jobs", [1, 2, 16, 64])
def test_a_killer_is_found_by_halves(
    large: Plan, monkeypatch: pytest.MonkeyPatch, jobs: int, seed: int
) -> None:
    chance = random.Random(seed)
    for killers in (set[int](), {chance.randrange(len(large))}, set(chance.sample(range(1000), 3))):
        pools = DyingPools(killers, seed)
        monkeypatch.setattr(pool, "_solved", pools)
        blocks = [block for some in compute(large, Workers("loky", jobs)) for block in some]
        assert sorted(cells(blocks)) == list(range(1000))
        failed = {int(block.cells[0]) for block in blocks if block.failure != "done"}
        assert failed == {int(large.trajectory(i).cells[0]) for i in killers}
        halvings = math.log2(2 * jobs) if jobs > 1 else 1
        assert pools.deaths <= len(killers) * (halvings + TRIES_ALONE["loky"])
        if jobs > 1:  # the others are computed side by side
            assert pools.alone <= 2 * pools.deaths


def test_where_it_is_known_over_what_a_worker_died_nothing_else_is_suspected(
    large: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    pools = DyingPools({500}, 0, tells=True)
    monkeypatch.setattr(pool, "_solved", pools)
    blocks = [block for some in compute(large, Workers("dask", 8)) for block in some]
    assert sorted(cells(blocks)) == list(range(1000))
    assert [block.failure for block in blocks if block.failure != "done"] == [
        "its worker process died, also with nothing else to do: died"
    ]
    assert pools.deaths == 3  # over its batch, over itself, and over itself alone
    assert pools.alone == 1


def test_few_pools_are_made_where_a_worker_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[joblib.Parallel] = []
    original: Callable[..., joblib.Parallel] = joblib.Parallel

    def counted(**how: object) -> joblib.Parallel:
        made.append(original(**how))
        return made[-1]

    monkeypatch.setattr(pool, "Parallel", counted)
    killed = plan("y = { int = [1, 100] }", behaviour="segfault", bad=77)
    blocks = [block for some in compute(killed, Workers("loky", 2)) for block in some]
    assert sorted(cells(blocks)) == list(range(100))
    (failed,) = [block for block in blocks if block.failure]
    assert failed.cells.tolist() == [76]
    assert "SIGSEGV" in failed.failure
    assert len(made) <= 8


def test_there_are_no_more_workers_than_trajectories(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    original: Callable[..., joblib.Parallel] = joblib.Parallel

    def noted(**how: object) -> joblib.Parallel:
        asked.append(how["n_jobs"])
        return original(**how)

    monkeypatch.setattr(pool, "Parallel", noted)
    list(compute(plan("y = [1, 2, 3]"), Workers("threading", 100_000)))
    assert asked == [3]


def test_kernels_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan("y = [1, 2]")
    kind = type(made.model)
    times: list[int] = []
    monkeypatch.setattr(worker, "_loaded", set())
    monkeypatch.setattr(kind, "warm_up", lambda *_: times.append(1))
    for _ in range(3):
        worker.warm_up(made.model, made.trajectory(0))
    assert times == [1]


def test_every_set_of_kernels_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan("x = [0, 1, 2]\ny = [1, 2]")
    kind = type(made.model)
    found: list[object] = []
    monkeypatch.setattr(worker, "_loaded", set())
    monkeypatch.setattr(kind, "kernels_by", ("x",))
    monkeypatch.setattr(kind, "kernels", lambda _, trajectory: str(trajectory.shared["x"] == 0))
    monkeypatch.setattr(kind, "warm_up", lambda _, trajectory: found.append(trajectory.shared["x"]))
    assert [trajectory.shared["x"] for trajectory in made.warm_ups()] == [0, 1]
    for block in (block for some in compute(made, Workers("threading", 2)) for block in some):
        assert block.answers is not None
    assert [x == 0 for x in found].count(True) == 1
    assert len(found) == 2


def test_one_trajectory_warms_up_where_all_take_the_same_kernels() -> None:
    made = plan("x = [0, 1, 2]\ny = [1, 2]")
    assert [trajectory.shared["x"] for trajectory in made.warm_ups()] == [0]
    done = make_plan(grid_of(text_of("x = [0]\ny = [1]")), Known(made.ids, np.zeros(6, np.int8)))
    assert list(done.warm_ups()) == []


def test_what_compiling_takes_is_no_cost_of_a_trajectory(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan("y = [1]")
    now = [0.0]
    monkeypatch.setattr(worker, "_loaded", set())
    monkeypatch.setattr(worker.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(type(made.model), "warm_up", lambda *_: now.__setitem__(0, 100.0))
    _, (block,), *_ = worker.solve(
        worker.Task(0, made.model, made.solver, [made.trajectory(0)], None)
    )
    assert block.wall_s == 0.0


def test_workers_are_told_from_other_children() -> None:
    processes = multiprocessing.get_context("spawn")
    other = processes.Process(target=time.sleep, args=(3600,))
    other.start()
    try:
        found = []
        for _ in range(2):  # the second time with the workers of the first
            list(compute(plan("y = [1, 2, 3]"), Workers("loky", 2)))
            found.append(pool._processes.pids())
        assert found[0] == found[1]
        assert other.pid not in found[0]
        assert len(found[0]) == 2
    finally:
        other.kill()
        other.join()


@pytest.mark.parametrize("backend", LOCAL)
def test_only_workers_hear_of_a_stop(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    told: list[tuple[int, int]] = []
    workers = Workers(backend, 2)
    found = compute(plan(seconds=0.01), workers)
    next(found)
    with monkeypatch.context() as patch:
        patch.setattr(os, "kill", lambda pid, number: told.append((pid, number)))
        workers.stop()
    pids = pool._processes.pids() if backend == "loky" else set()
    assert set(told) == {(pid, signal.SIGTERM) for pid in pids}
    list(found)


def test_cores_are_those_that_joblib_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")  # as the limit of a container
    assert default_jobs() == 1
