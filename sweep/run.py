"""One run of a grid: plan what is missing, compute it, keep it, and end well however it ends."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console

from sweep import pool
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.models.base import STATUSES
from sweep.plan import Plan, make_plan
from sweep.pool import Workers
from sweep.progress import Reporter
from sweep.results import known
from sweep.store.folder import Folder, Warn
from sweep.store.lock import Lock, Shard, locked
from sweep.store.metadata import describe
from sweep.store.schema import rows
from sweep.writer import Writer

GRACE_S = 2.0
"""How long a run waits for the trajectories that are under way when it is told to stop."""


SILENCE_S = 2.0
"""Loading the kernels for longer than this means that they are compiled."""


@dataclass(frozen=True)
class Settings:
    """How to run. max_time in seconds."""

    results: Path
    backend: str
    jobs: int
    scheduler: str | None = None
    shard: Shard | None = None
    max_time: float | None = None
    retry_failed: bool = False


@dataclass(frozen=True)
class Report:
    """How a run ended: cells by status (`missing` among them) and what stopped it.

    signal: the number of the signal that stopped it, or 0. complete: whether all that this run
    was asked for (a shard, maybe) is done.
    """

    counts: Counter[str]
    computed: int
    complete: bool
    seconds: float
    signal: int


class _OutOfPatience(BaseException):
    """Raised in the main thread when the work under way takes longer than GRACE_S to end."""


def run(grid: Grid, settings: Settings, console: Console, warn: Warn) -> Report:
    """Run what is missing of a grid. Raises UsageError where it cannot start."""
    start = time.monotonic()
    deadline = None if settings.max_time is None else time.time() + settings.max_time
    folder = Folder(settings.results, grid.name)
    folder.prepare()
    with locked(folder.aside, settings.shard) as lock:
        plan = _prepare(grid, folder, lock, settings, warn)
        workers = Workers(settings.backend, settings.jobs, deadline)
        metadata = describe(grid.model.name, grid.text)
        if len(plan):
            _warm_up(plan, warn)
        with (
            _told_to_stop(settings.max_time) as told,
            Reporter(plan, console) as reporter,
            Writer(folder, lambda b: rows(plan.model, plan.cells, plan.ids, b), metadata) as writer,
        ):
            _compute(plan, workers, settings.scheduler, writer, reporter)
            told.ended = True
        with lock.exclusively() as held:
            if held:
                folder.compact(metadata)
    counts = _counts(plan, reporter)
    computed = sum(reporter.counts.values())
    complete = computed == len(plan.todo)
    return Report(counts, computed, complete, time.monotonic() - start, told.signal)


def _warm_up(plan: Plan, warn: Warn) -> None:
    """Load the kernels here, where it is neither in the workers' way nor in the forecast."""
    patience = threading.Timer(
        SILENCE_S, warn, ["compiling the kernels; this is needed once, later runs load them"]
    )
    patience.daemon = True
    patience.start()
    plan.model.warm_up()
    patience.cancel()


def _prepare(grid: Grid, folder: Folder, lock: Lock, settings: Settings, warn: Warn) -> Plan:
    with lock.exclusively() as held:
        if held:
            folder.repair(warn)
        plan = make_plan(
            grid, known(folder, warn), shard=settings.shard, retry_failed=settings.retry_failed
        )
        if settings.retry_failed and plan.count("failed"):
            if not held:
                raise UsageError("--retry-failed: another shard is at work; wait for it to end")
            _forget_failed(plan, folder, describe(grid.model.name, grid.text))
    return plan


def _forget_failed(plan: Plan, folder: Folder, metadata: dict[str, str]) -> None:
    """Drop the rows of the failed cells that are about to be run again."""
    failed = plan.todo[plan.status[plan.todo] == STATUSES.index("failed")]
    folder.compact(metadata, drop=plan.ids[failed])


def _compute(
    plan: Plan, workers: Workers, scheduler: str | None, writer: Writer, reporter: Reporter
) -> None:
    with _cluster(scheduler):
        blocks_of_batches = pool.compute(plan, workers)
        try:
            for blocks in blocks_of_batches:
                writer.add(blocks)
                reporter.add(blocks)
        except _OutOfPatience:
            # Closing the generator would wait for the workers; the process ends without them.
            _abandoned.append(blocks_of_batches)
            pool.kill()


_abandoned: list[Any] = []


def has_abandoned_work() -> bool:
    """Whether threads may still be computing what nobody waits for any more."""
    return bool(_abandoned)


@contextmanager
def _cluster(scheduler: str | None) -> Iterator[None]:
    """A connection to a Dask scheduler, where one is named."""
    if scheduler is None:
        yield
        return
    from sweep.cluster import connected  # Dask is an optional dependency

    with connected(scheduler):
        yield


@dataclass
class _Told:
    signal: int = 0
    ended: bool = False


@contextmanager
def _told_to_stop(max_time: float | None) -> Iterator[_Told]:
    """Turn SIGINT and SIGTERM into an orderly end.

    The first one lets every worker finish the trajectory it is at, for GRACE_S at most; so does the
    end of max_time. A second one does not wait. Whatever is finished is written in any case.
    """
    told = _Told()

    def on_signal(number: int, _: FrameType | None) -> None:
        if told.ended:
            told.signal = told.signal or number
            return
        pool.stop()
        patience = 0.001 if told.signal else GRACE_S
        told.signal = told.signal or number
        signal.setitimer(signal.ITIMER_REAL, patience)

    def on_alarm(_: int, __: FrameType | None) -> None:
        if not told.ended:
            told.ended = True
            raise _OutOfPatience

    handlers = {signal.SIGINT: on_signal, signal.SIGTERM: on_signal, signal.SIGALRM: on_alarm}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    if max_time is not None:
        signal.setitimer(signal.ITIMER_REAL, max_time + GRACE_S)
    try:
        yield told
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            # Once told to stop, the rest (the last rows, compaction) is not to be interrupted.
            signal.signal(number, signal.SIG_IGN if told.signal else handler)


def _counts(plan: Plan, reporter: Reporter) -> Counter[str]:
    counts = Counter({status: plan.count(status) for status in STATUSES})
    retried = plan.status[plan.todo] == STATUSES.index("failed")
    counts["failed"] -= int(retried.sum())
    counts.update(reporter.counts)
    counts["missing"] = len(plan.cells) - sum(counts.values())
    return counts


def default_jobs() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
