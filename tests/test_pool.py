"""Trajectories to blocks: every backend gives each once, and stops when it is told to."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from sweep import worker
from sweep.models.base import FAILED
from sweep.plan import Known, Plan, make_plan
from sweep.pool import BACKENDS, Workers, compute
from sweep.store.schema import Block
from sweep.worker import Task

from .faults.laboratory import AXES, grid_of, text_of

LOCAL = [name for name in BACKENDS if name != "dask"]


@pytest.fixture(autouse=True)
def _started() -> Iterator[None]:
    worker.start()
    yield
    worker.start()


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
    assert list(compute(plan(), Workers("threading", 2, deadline=time.time()))) == []


def test_nothing_is_begun_after_stop() -> None:
    found = compute(plan(seconds=0.01), Workers("sequential", 1))
    next(found)
    worker.stop()
    rest = list(found)
    assert len(rest) < 99


def test_an_exception_is_a_block_that_says_so() -> None:
    made = plan("y = [1, 2, 3]", behaviour="raise", bad=2)
    task = Task(5, made.model, {}, [made.trajectory(i) for i in range(3)], None)
    number, blocks = worker.solve(task)
    assert number == 5
    assert [block.failure for block in blocks] == [
        "",
        "RuntimeError: y = 2 is not to my liking",
        "",
    ]
    assert blocks[1].answers is None
    assert FAILED not in blocks[0].answers.status  # type: ignore[union-attr]


def test_kernels_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan("y = [1, 2]")
    kind = type(made.model)
    times: list[int] = []
    monkeypatch.setattr(kind, "warm_up", lambda _: times.append(1))
    worker._warm_up.cache_clear()
    for _ in range(3):
        worker.warm_up(made.model)
    assert times == [1]
    worker._warm_up.cache_clear()
