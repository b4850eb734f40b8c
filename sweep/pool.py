"""From trajectories to answers, on joblib.

Work goes out in batches. A batch comes back as blocks, one a trajectory; an exception in the model
is a block that says so. A worker process that dies takes only its batch with it: whatever was in
flight is run again, one trajectory at a time, and one that kills its workers again has failed.
"""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import reusable_executor
from joblib.externals.loky.process_executor import BrokenProcessPool

from sweep import worker
from sweep.plan import Plan
from sweep.store.schema import Block
from sweep.worker import Task, TaskLost

BACKENDS = ("loky", "threading", "sequential", "dask")

TRIES_ALONE = {"loky": 2, "dask": 1}
"""A trajectory that was in flight when a worker died has failed after so many deaths alone; Dask
by itself tries four times."""


@dataclass(frozen=True)
class Workers:
    """How to compute: with which of BACKENDS, on how many cores, until when (Unix time).

    client: the connection to a Dask cluster, for that backend.
    """

    backend: str
    jobs: int
    deadline: float | None = None
    client: Any = None


def compute(plan: Plan, workers: Workers) -> Iterator[list[Block]]:
    """The blocks of all trajectories of a plan, as they are finished, in any order.

    Ends early at the deadline, and once told to stop.
    """
    waiting = deque(plan.batches(workers.jobs))
    while waiting and not worker.is_over(workers.deadline):
        in_flight: dict[int, list[int]] = {}
        try:
            for number, blocks in _parallel(plan, workers, waiting, in_flight):
                rest = in_flight.pop(number)[len(blocks) :]
                if rest:
                    waiting.append(rest)
                if blocks:
                    yield blocks
        except BrokenProcessPool:
            suspects = [i for batch in in_flight.values() for i in batch]
        except TaskLost as lost:  # Dask knows over which batch its workers died
            suspects = in_flight.pop(lost.number)
            waiting.extend(in_flight.values())
        else:
            suspects = []
        for i in suspects:
            if not worker.is_over(workers.deadline):
                yield _alone(plan, workers, i)


def stop() -> None:
    """Let every worker end after the trajectory it is at."""
    worker.stop()
    _signal_workers(signal.SIGTERM)


def kill() -> None:
    """End the worker processes, whatever they are at."""
    _signal_workers(signal.SIGKILL)


def _signal_workers(number: int) -> None:
    executor = reusable_executor._executor
    for pid in list(getattr(executor, "_processes", None) or ()):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _parallel(
    plan: Plan, workers: Workers, waiting: deque[list[int]], in_flight: dict[int, list[int]]
) -> Iterator[tuple[int, list[Block]]]:
    """Run batches; they leave `waiting` for `in_flight` as they are handed out."""
    numbers = count()

    def tasks() -> Iterator[Any]:
        while waiting and not worker.is_over(workers.deadline):
            number = next(numbers)
            in_flight[number] = waiting.popleft()
            yield delayed(worker.solve)(_task(plan, workers, number, in_flight[number]))

    with _backend(workers), warnings.catch_warnings():
        # A worker that is replaced because it has grown is nothing to tell the user about.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs")
        # joblib would run one loky job in this very process, so there are two that take turns.
        lonely = workers.backend == "loky" and workers.jobs == 1
        parallel = Parallel(
            n_jobs=2 if lonely else workers.jobs,
            batch_size=1,
            pre_dispatch=1 if lonely else "2 * n_jobs",
            return_as="generator_unordered",
            max_nbytes=None,
        )
        yield from parallel(tasks())


def _alone(plan: Plan, workers: Workers, i: int) -> list[Block]:
    """Run one trajectory that may be the one that killed a worker, with nothing else to do."""
    task = _task(plan, workers, 0, [i])
    start = time.perf_counter()
    for _ in range(TRIES_ALONE[workers.backend]):
        try:
            with _backend(workers):
                ((_, blocks),) = Parallel(n_jobs=2, max_nbytes=None)([delayed(worker.solve)(task)])
            return blocks
        except (BrokenProcessPool, TaskLost) as error:
            if worker.is_over(workers.deadline):
                return []
            story = " ".join(str(error).split())
    seconds = time.perf_counter() - start
    failure = f"its worker process died, also with nothing else to do: {story}"
    return [Block(plan.trajectory(i).cells, None, seconds, failure)]


def _task(plan: Plan, workers: Workers, number: int, trajectories: list[int]) -> Task:
    return Task(
        number,
        plan.model,
        plan.solver,
        [plan.trajectory(i) for i in trajectories],
        workers.deadline,
        parent=os.getpid() if workers.backend == "loky" else None,
    )


def _backend(workers: Workers) -> AbstractContextManager[Any]:
    if workers.backend == "dask":
        from sweep.cluster import Backend  # Dask is optional, and slow to import

        return parallel_config(backend=Backend(client=workers.client))
    if workers.backend == "loky":
        return parallel_config(backend="loky", inner_max_num_threads=1)
    return parallel_config(backend=workers.backend)
