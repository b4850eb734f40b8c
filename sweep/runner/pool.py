"""From trajectories to answers, on joblib or on a Dask cluster.

Work goes out in batches. A batch comes back as blocks, one a trajectory; an exception in the model
is a block that says so. A worker process that dies takes down its pool, and with it whatever was
under way; that is run again, one trajectory a batch and half as many at the same time as before.
So a trajectory that kills its workers ends up alone after as many deaths as the number of cores
can be halved, while the others are computed side by side; and has failed when it kills them alone.
Where workers die before any of them is ready, no trajectory is to blame, and there are no workers.
"""

from __future__ import annotations

import signal
import threading
import time
import warnings
from collections import Counter, deque
from collections.abc import Generator, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from joblib import Parallel, delayed, parallel_config

from sweep.errors import UsageError
from sweep.models.base import Block
from sweep.runner import software, worker
from sweep.runner.plan import Plan
from sweep.runner.processes import NoWorkers, Processes, birth, starting
from sweep.runner.software import REPLACED, Software
from sweep.runner.worker import Halt, Task, TaskLost

BACKENDS = ("loky", "threading", "sequential", "dask")

TRIES_ALONE = {"loky": 2, "dask": 1}
"""A trajectory over which a worker died has failed after so many deaths alone; Dask by itself tries
four times."""

TRIES_TO_BE_BORN = 2
"""So many pools may die one after the other before a worker of theirs is ready."""

KILL_EVERY_S, PATIENCE_S = 0.02, 5.0
"""How often the workers are killed until the pool has ended, and for how long at most."""

TAKEN = (
    "another run of this process has worker processes at work, which two cannot share; wait for "
    "it, or compute in threads, with backend='threading'"
)


_processes = Processes()
_in_use = threading.Lock()
"""Held by the run whose the worker processes are; joblib has one pool of them in a process."""


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass(frozen=True)
class Workers:
    """How to compute: with which of BACKENDS, on how many cores, until when.

    The deadline is one of `time.monotonic`. cluster: the connection to a Dask cluster, for that
    backend. halt: set when no further trajectory is to be begun. ended: not set while a pool of
    worker processes is there.
    """

    backend: str
    jobs: int
    deadline: float | None = None
    cluster: Any = None
    halt: Halt = field(default_factory=Halt)
    ended: threading.Event = field(default_factory=_set)

    def are_over(self) -> bool:
        """Whether no further trajectory is to be begun."""
        return worker.is_over(self.halt, self.deadline)

    def stop(self) -> None:
        """Let every worker end after the trajectory it is at."""
        self.halt.set()
        if not self.ended.is_set():
            _processes.signal(signal.SIGTERM)

    def kill(self) -> bool:
        """End the worker processes, whatever they are at; whether `compute` has ended with them."""
        self.halt.set()
        end = time.monotonic() + PATIENCE_S
        while not self.ended.is_set() and time.monotonic() < end:
            _processes.signal(signal.SIGKILL)
            self.ended.wait(KILL_EVERY_S)
        return self.backend == "loky" and self.ended.is_set()


@dataclass(frozen=True)
class Round:
    """Batches of trajectories that are run together, at most `width` of them at the same time."""

    waiting: deque[list[int]]
    width: int


@dataclass(frozen=True)
class Death:
    """What was under way when a worker died, for how long, and how it died."""

    trajectories: list[int]
    seconds: float
    story: str


class Unborn(Exception):
    """Worker processes died, or one, before any was ready to work."""


class Flight:
    """The batches of a round on their way to the workers and back, in one pool."""

    def __init__(self, round: Round) -> None:
        self.width = round.width
        self._waiting = round.waiting
        self._under_way: dict[int, tuple[list[int], float]] = {}
        self._numbers = count()
        self._open = True
        self._lock = threading.Lock()  # joblib takes batches in threads of its own

    def take(self) -> tuple[int, list[int]] | None:
        """The next batch and its number; None where there is none."""
        with self._lock:
            if not (self._open and self._waiting):
                return None
            number, batch = next(self._numbers), self._waiting.popleft()
            self._under_way[number] = batch, time.perf_counter()
            return number, batch

    def land(self, number: int, done: int) -> None:
        """So many of a batch are done; the others wait again."""
        with self._lock:
            batch, _ = self._under_way.pop(number)
            if batch[done:]:
                self._waiting.append(batch[done:])

    def recall(self) -> None:
        """All that is under way waits again."""
        with self._lock:
            self._open = False
            self._waiting.extend(batch for batch, _ in self._under_way.values())

    def crash(self, story: str, number: int | None = None) -> Death:
        """A worker died, over this batch or, without a number, over any that is under way."""
        with self._lock:
            self._open = False
            lost = {number} if number is not None else set(self._under_way)
            self._waiting.extend(b for n, (b, _) in self._under_way.items() if n not in lost)
            died = [self._under_way[n] for n in lost]
            now = time.perf_counter()
            seconds = now - min((start for _, start in died), default=now)
            return Death([i for batch, _ in died for i in batch], seconds, story)


def compute(plan: Plan, workers: Workers) -> Iterator[list[Block]]:
    """The blocks of all trajectories of a plan, as they are finished, in any order.

    Ends early at the deadline, and once told to stop. Raises NoWorkers where worker processes
    cannot be had, and UsageError where another run of this process has them, or where a worker
    computes with something else than this process.
    """
    software.expect_whole(plan.model)
    if workers.backend != "loky":
        yield from _rounds(plan, workers)
        return
    if not _in_use.acquire(blocking=False):
        raise UsageError(TAKEN)
    try:
        _processes.begin()
        workers.ended.clear()
        yield from _rounds(plan, workers)
    except NoWorkers:
        _processes.kill()  # the first may be there, where the next could not be had
        raise
    finally:
        _processes.end()
        workers.ended.set()
        _in_use.release()


def _rounds(plan: Plan, workers: Workers) -> Iterator[list[Block]]:
    workers = replace(workers, jobs=max(min(workers.jobs, len(plan)), 1))
    ahead = 2 * workers.jobs if workers.jobs > 1 else 1  # so that no worker waits for its next
    rounds = [Round(deque(plan.batches(workers.jobs)), ahead)]
    deaths_alone: Counter[int] = Counter()
    unborn = 0
    while rounds and not workers.are_over():
        current = rounds[-1]
        try:
            death = yield from _run(plan, workers, current)
        except Unborn as error:
            unborn += 1
            if unborn == TRIES_TO_BE_BORN:
                raise NoWorkers(f"they die before they are ready: {error}") from error
            continue
        unborn = 0
        if not current.waiting:
            rounds.pop()
        if death is None or not death.trajectories or workers.are_over():
            continue
        suspects = death.trajectories
        if current.width == 1 and len(suspects) == 1:
            deaths_alone.update(suspects)
            if deaths_alone[suspects[0]] == TRIES_ALONE[workers.backend]:
                yield [_failed(plan, death)]
                continue
        width = max(min(current.width, len(suspects)) // 2, 1)
        rounds.append(Round(deque([i] for i in suspects), width))


def _run(plan: Plan, workers: Workers, round: Round) -> Generator[list[Block], None, Death | None]:
    """The blocks of a round, to its end or to the first death of a worker, which is returned.

    Raises Unborn where no worker was ready before that.
    """
    flight = Flight(round)
    try:
        for number, blocks in _solved(plan, workers, flight):
            flight.land(number, len(blocks))
            if blocks:
                yield blocks
    except Unborn:
        software.expect_unchanged()
        flight.recall()
        raise
    except BrokenProcessPool as error:
        software.expect_unchanged()  # that other files do not work is no trajectory's fault
        return flight.crash(" ".join(str(error).split()))
    except TaskLost as error:  # Dask knows over which batch its workers died
        return flight.crash(" ".join(str(error).split()), error.number)
    return None


def _failed(plan: Plan, death: Death) -> Block:
    (i,) = death.trajectories
    failure = f"its worker process died, also with nothing else to do: {death.story}"
    return Block(plan.trajectory(i).cells, None, death.seconds, failure)


def _solved(plan: Plan, workers: Workers, flight: Flight) -> Iterator[tuple[int, list[Block]]]:
    """Hand out the batches of a flight; the number of each, and its blocks, as they come back."""

    def tasks() -> Iterator[Task]:
        while not workers.are_over() and (taken := flight.take()) is not None:
            yield _task(plan, workers, *taken)

    if workers.backend == "dask":
        from sweep.runner.dask import solved  # Dask is optional, and slow to import

        return solved(workers.cluster, tasks(), flight.width)
    return _parallel(workers, tasks(), flight.width, software.of(plan.model))


def _parallel(
    workers: Workers, tasks: Iterator[Task], ahead: int, here: Software
) -> Iterator[tuple[int, list[Block]]]:
    jobs = min(workers.jobs, ahead)
    how: dict[str, Any] = {}
    if workers.backend == "loky":
        jobs = max(jobs, 2)  # joblib would run one job in this very process
        how = birth()
    with parallel_config(workers.backend, **how), warnings.catch_warnings():
        # A worker that is replaced because it has grown is nothing to tell the user about, nor is
        # what a stranger leaves undone.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs")
        warnings.filterwarnings("ignore", ".* tasks which were still being processed")
        parallel = Parallel(
            n_jobs=jobs,
            batch_size=1,
            pre_dispatch=ahead,
            return_as="generator_unordered",
            max_nbytes=None,
        )
        with starting(workers.backend, jobs):
            answers: Any = parallel(delayed(worker.solve)(task) for task in tasks)
        try:
            with closing(answers):
                for answer in answers:
                    yield software.accepted(answer, here, REPLACED)
        except BrokenProcessPool as error:
            if _processes.are_born():
                raise
            raise Unborn(" ".join(str(error).split())) from error


def _task(plan: Plan, workers: Workers, number: int, trajectories: list[int]) -> Task:
    return Task(
        number,
        plan.model,
        plan.solver,
        [plan.trajectory(i) for i in trajectories],
        workers.deadline,
        software=software.of(plan.model),
        halt=workers.halt,
    )
