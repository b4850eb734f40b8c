"""One run of a grid: plan what is missing, compute it, keep it, and end well however it ends."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from joblib import cpu_count
from rich.console import Console

from sweep.errors import LOG, UsageError, Warn
from sweep.grid import Grid, Shard
from sweep.models.base import Block, Trajectory
from sweep.models.status import FAILED, Status
from sweep.runner import worker
from sweep.runner.decided import Decided
from sweep.runner.fallback import computed
from sweep.runner.plan import Plan, make_plan, missing_parts
from sweep.runner.pool import Workers
from sweep.runner.progress import Reporter, duration
from sweep.runner.reuse import Reuse, sources
from sweep.runner.rounds import Rounds
from sweep.runner.signals import Interruption
from sweep.store.folder import Folder
from sweep.store.known import known
from sweep.store.lock import Lock, locked, shards_at_work
from sweep.store.metadata import describe
from sweep.store.refined import with_wanted
from sweep.store.schema import rows, schema
from sweep.store.tables import conformed
from sweep.store.writer import Writer

PROCESSES_PAY_S = 30.0
"""Work of at least this long a core goes to worker processes, which survive what a thread does not
but take some 1.5 s each to start."""

STRAY = (
    "is not a file of results; sweep leaves it alone, but other programs that read the folder "
    "stumble over it, so move it elsewhere"
)

CHANGED = (
    "the file of {model} has changed since its saved rows were computed, but not its version "
    "({version}); give it another one if its answers change"
)

NO_THREAD = "can't start new thread"
"""What Python says of it, in an error that has no kind of its own."""


@dataclass(frozen=True)
class Settings:
    """How to run. backend: one of `pool.BACKENDS`, or None for what pays. max_time in seconds.

    reuse: folders of other grids' results, from which cells are copied.
    """

    results: Path
    backend: str | None
    jobs: int
    scheduler: str | None = None
    shard: Shard | None = None
    max_time: float | None = None
    retry_failed: bool = False
    reuse: Sequence[Path] = ()


@dataclass
class Current:
    """The workers that are at work, to be told to stop."""

    workers: Workers | None = None

    def stop(self) -> None:
        """Let them end after the trajectories that they are at."""
        if self.workers is not None:
            self.workers.stop()


@dataclass(frozen=True)
class Others:
    """What is missing when a shard ends: cells by the number of their part, and who is at it."""

    missing: Counter[int]
    at_work: set[int]


@dataclass(frozen=True)
class Report:
    """How a run ended: cells by status (`missing` among them) and what stopped it.

    complete: whether all that this run was asked for (a shard, maybe) is done. longest: the
    forecast of the dearest trajectory it leaves, in seconds, or None where nothing is known of it.
    signal: the number of the signal that stopped it, or 0. others: of a shard, the cells that are
    missing of each part, and the parts that are at work. reused: how many cells were copied from
    each folder of `Settings.reuse`. decided: how many were answered by saved rows of other windows.
    """

    counts: Counter[str]
    computed: int
    complete: bool
    longest: float | None
    seconds: float
    signal: int
    others: Others | None = None
    reused: Mapping[Path, int] = field(default_factory=dict)
    decided: int = 0


def run(grid: Grid, settings: Settings, console: Console, warn: Warn) -> Report:
    """Run what is missing of a grid. Raises UsageError where it cannot start, or cannot write."""
    start = time.monotonic()
    folder = Folder(settings.results, grid.name)
    model = grid.model
    metadata = describe(model.name, grid.text, model.version, model.source_text)
    others = sources(settings.reuse, folder, warn)
    with _connected(settings, warn) as cluster:
        folder.prepare()
        for stray in folder.strays():
            warn(f"{stray}: {STRAY}")
        with locked(folder.aside, settings.shard, warn) as lock:
            if model.is_versioned and folder.has_other(metadata, "model_version", "model_source"):
                warn(CHANGED.format(model=model.name, version=model.version))
            columns, again = _tidy_up(grid, folder, lock, settings.retry_failed, metadata, warn)
            left = _time_left(settings.max_time, start)
            deadline = None if left is None else time.monotonic() + left
            jobs = settings.jobs if cluster is None else max(cluster.threads, 1)
            decided = Decided(folder, columns, metadata, warn)
            copied = (Reuse(others, folder, columns, metadata), decided)
            rounds = Rounds(grid, folder, settings.shard, warn, again, copied)
            counts: Counter[str] = Counter()
            computed = 0
            longest: float | None = 0.0
            current = Current()
            with Interruption(current.stop, left) as interruption:
                for plan in rounds:
                    workers = Workers(_backend(settings, plan), jobs, deadline, cluster)
                    current.workers = workers
                    _log(plan, workers, jobs, rounds.heading)
                    if interruption.signal:  # told before there were any, or between batches
                        workers.stop()
                    writer = Writer(folder, partial(_rows, plan, columns), metadata)
                    reporter = Reporter(plan, console, jobs, rounds.heading)
                    _compute(plan, workers, settings.backend, interruption, writer, reporter, warn)
                    counts = _counts(plan, reporter.counts)
                    done = sum(reporter.counts.values())
                    computed += done
                    longest = plan.forecast.longest if plan.forecast.is_known else None
                    if interruption.signal or done < len(plan.todo):
                        rounds.break_off()
                reused = {source.path: source.taken for source in others}
                if (computed or decided.taken or any(reused.values())) and not interruption.signal:
                    _merge(folder, lock, columns, metadata, warn)
    parts = None
    if settings.shard is not None:  # others have saved rows in the meantime
        plan = rounds.now()
        counts = _counts(plan)
        count = settings.shard.count
        parts = Others(missing_parts(plan, count), shards_at_work(folder.aside, count))
    return Report(
        counts=counts,
        computed=computed,
        complete=rounds.complete,
        longest=longest,
        seconds=time.monotonic() - start,
        signal=interruption.signal,
        others=parts,
        reused=reused,
        decided=decided.taken,
    )


def _tidy_up(
    grid: Grid,
    folder: Folder,
    lock: Lock,
    retry_failed: bool,
    metadata: dict[str, str],
    warn: Warn,
) -> tuple[pa.Schema, pa.Array | None]:
    """Put the folder in order, drop failed rows that are to be run again.

    Gives the files' columns, and the cells to run again of which the failed rows are still there:
    while another shard is at work nothing can be dropped, and the new rows stand for the old ones.
    """
    with lock.exclusively() as held, folder.being_written():
        if held:
            folder.repair(warn, schema(grid.model))
        columns = folder.schema_with(schema(grid.model))
        failed = _failed(grid, folder, warn) if retry_failed else None
        if held:
            folder.compact(columns, metadata, drop=failed)
            failed = None
    return columns, failed


def _failed(grid: Grid, folder: Folder, warn: Warn) -> pa.Array | None:
    """The identities of the grid's failed cells, or None where there are none."""
    plan = make_plan(with_wanted(grid, folder, warn), known(folder, warn))
    ids = plan.ids.filter(pa.array(plan.status == FAILED))
    return ids if len(ids) else None


def _merge(
    folder: Folder, lock: Lock, columns: pa.Schema, metadata: dict[str, str], warn: Warn
) -> None:
    """Leave one file, where nobody else is at work; it may fail, the rows are safe without.

    Raises UsageError where the folder is not the one any more that they are safe in.
    """
    try:
        with lock.exclusively(leaving=True) as held, folder.being_written():
            if held:
                folder.check_place()
                folder.repair(warn)
                folder.compact(columns, metadata)
    except UsageError as error:
        folder.check_place()
        warn(f"the files of results were not merged into one: {error}")


def _compute(
    plan: Plan,
    workers: Workers,
    backend: str | None,
    interruption: Interruption,
    writer: Writer,
    reporter: Reporter,
    warn: Warn,
) -> None:
    try:
        for _ in interruption.attend(_warm_up(plan, workers)):
            pass
        if interruption.abandoned:
            return
        with reporter, writer:
            for blocks in interruption.attend(computed(plan, workers, backend, warn)):
                writer.add(blocks)
                reporter.add(blocks)
    except RuntimeError as error:
        if NO_THREAD not in str(error):
            raise
        raise UsageError(
            f"a run needs some threads: {error}; see `ulimit -u` and the limit of the container"
        ) from error
    finally:
        if interruption.abandoned and workers.kill():
            interruption.await_end()


def _warm_up(plan: Plan, workers: Workers) -> Iterator[Trajectory]:
    """Compile what is missing, where it is neither in the workers' way nor done by each of them."""
    if workers.backend == "dask":  # whose workers may be on machines of another kind
        return
    for trajectory in plan.warm_ups():
        if workers.are_over():
            return
        worker.warm_up(plan.model, trajectory)
        yield trajectory


def _rows(plan: Plan, columns: pa.Schema, blocks: Sequence[Block]) -> pa.Table:
    return conformed(rows(plan.model, plan.cells, plan.ids, blocks), columns)


def _log(plan: Plan, workers: Workers, jobs: int, heading: str) -> None:
    known = plan.forecast.is_known and len(plan)
    expected = f", forecast to take {duration(plan.forecast.on(jobs))}" if known else ""
    part = f"{heading}: " if heading else ""
    LOG.debug(
        f"{part}{len(plan.todo):,} of {len(plan.cells):,} cells are to be computed by "
        f"{len(plan):,} trajectories on {jobs} cores ({workers.backend}){expected}"
    )


@contextmanager
def _connected(settings: Settings, warn: Warn) -> Iterator[Any]:
    """A connection to the Dask cluster, where one is named."""
    if settings.scheduler is None:
        yield None
        return
    from sweep.runner.cluster import connected  # Dask is optional, and slow to import

    with connected(settings.scheduler, warn, settings.max_time) as cluster:
        yield cluster


def _backend(settings: Settings, plan: Plan) -> str:
    if settings.scheduler is not None:
        return "dask"
    if settings.backend is not None:
        return settings.backend
    if plan.model.holds_the_interpreter:
        return "loky"
    return "loky" if plan.forecast.left >= PROCESSES_PAY_S * settings.jobs else "threading"


def _time_left(max_time: float | None, start: float) -> float | None:
    return None if max_time is None else max(start + max_time - time.monotonic(), 0.0)


def _counts(plan: Plan, new: Mapping[str, int] | None = None) -> Counter[str]:
    counts = Counter({status.word: plan.count(status) for status in Status})
    counts.update(new or {})
    counts["missing"] = len(plan.cells) - sum(counts.values())
    return counts


def default_jobs() -> int:
    """The cores this process may use, by its affinity and by the limits of its container."""
    return cpu_count()
