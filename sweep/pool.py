"""From trajectories to answers, on joblib.

Work goes out in batches. A batch comes back as blocks, one a trajectory; an exception in the model
is a block that says so. A worker process that dies takes only its batch with it: whatever was in
flight is run again, one trajectory at a time, and one that kills its worker again has failed.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import reusable_executor
from joblib.externals.loky.process_executor import BrokenProcessPool

from sweep import models
from sweep.models.base import Trajectory
from sweep.parameters import Value
from sweep.plan import Plan
from sweep.store.schema import Block

BACKENDS = ("threading", "loky", "sequential", "dask")

_stop = threading.Event()


@dataclass(frozen=True)
class Workers:
    """How to compute: with which of BACKENDS, on how many cores, until when (Unix time)."""

    backend: str
    jobs: int
    deadline: float | None = None


def compute(plan: Plan, workers: Workers) -> Iterator[list[Block]]:
    """The blocks of all trajectories of a plan, as they are finished, in any order.

    Ends early at the deadline.
    """
    _stop.clear()
    batches = dict(enumerate(plan.batches(workers.jobs)))
    while batches and not _is_over(workers.deadline):
        in_flight: dict[int, list[int]] = {}
        try:
            for number, blocks in _parallel(plan, workers, batches, in_flight):
                del in_flight[number]
                yield blocks
        except BrokenProcessPool:
            for trajectories in in_flight.values():
                for i in trajectories:
                    if not _is_over(workers.deadline):
                        yield _alone(plan, workers, i)
        else:
            return


def stop() -> None:
    """Let workers in this process end after the trajectory they are at."""
    _stop.set()


def kill() -> None:
    """End the worker processes, whatever they are at."""
    executor = reusable_executor._executor
    if executor is not None:
        executor.shutdown(wait=False, kill_workers=True)


def solve(
    model_name: str,
    solver: Mapping[str, Value],
    trajectories: Iterable[Trajectory],
    deadline: float | None,
) -> list[Block]:
    """Solve trajectories one after the other, up to the deadline."""
    model = models.load(model_name)
    blocks = []
    for trajectory in trajectories:
        if _is_over(deadline):
            break
        start = time.perf_counter()
        try:
            answers, failure = model.solve(trajectory, solver), ""
        except Exception as error:  # a failed cell must not take the sweep down
            answers, failure = None, f"{type(error).__name__}: {error}"
        blocks.append(Block(trajectory.cells, answers, time.perf_counter() - start, failure))
    return blocks


def _parallel(
    plan: Plan, workers: Workers, batches: dict[int, list[int]], in_flight: dict[int, list[int]]
) -> Iterator[tuple[int, list[Block]]]:
    """Run batches; they leave `batches` for `in_flight` as they are handed out."""

    def tasks() -> Iterator[Any]:
        while batches and not _is_over(workers.deadline):
            number = next(iter(batches))
            in_flight[number] = batches.pop(number)
            trajectories = [plan.trajectory(i) for i in in_flight[number]]
            yield delayed(_numbered)(
                number, os.getpid(), plan.model.name, plan.solver, trajectories, workers.deadline
            )

    with _backend(workers):
        parallel = Parallel(
            n_jobs=workers.jobs,
            batch_size=1,
            pre_dispatch="2 * n_jobs",
            return_as="generator_unordered",
        )
        yield from parallel(tasks())


def _alone(plan: Plan, workers: Workers, i: int) -> list[Block]:
    """Run one trajectory that may be the one that killed a worker, in a process of its own."""
    trajectory = plan.trajectory(i)
    task = (0, os.getpid(), plan.model.name, plan.solver, [trajectory], workers.deadline)
    start = time.perf_counter()
    try:
        # Two jobs, since joblib would run a single one in this very process.
        with parallel_config(backend="loky"):
            ((_, blocks),) = Parallel(n_jobs=2)([delayed(_numbered)(*task)])
    except BrokenProcessPool as error:
        story = "the worker process died twice over this trajectory: "
        story += " ".join(str(error).split())
        return [Block(trajectory.cells, None, time.perf_counter() - start, story)]
    return blocks


def _numbered(
    number: int,
    parent: int,
    model_name: str,
    solver: Mapping[str, Value],
    trajectories: list[Trajectory],
    deadline: float | None,
) -> tuple[int, list[Block]]:
    if os.getpid() != parent:
        models.load(model_name).warm_up()
    return number, solve(model_name, solver, trajectories, deadline)


def _backend(workers: Workers) -> AbstractContextManager[Any]:
    if workers.backend == "dask":
        return parallel_config(backend="dask")
    if workers.backend == "loky":
        return parallel_config(backend="loky", inner_max_num_threads=1)
    if workers.backend == "sequential":
        return parallel_config(backend="sequential")
    return parallel_config(backend="threading") if workers.jobs > 1 else nullcontext()


def _is_over(deadline: float | None) -> bool:
    return _stop.is_set() or (deadline is not None and time.time() >= deadline)
