"""A run of a grid from Python: quiet, in any thread, and nothing of the process left changed."""

from __future__ import annotations

import io
import math
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console

from sweep.errors import LOG, UsageError
from sweep.grid import Grid, Shard
from sweep.grid.plain import plain
from sweep.models.status import FAILED
from sweep.runner import session
from sweep.runner.pool import BACKENDS
from sweep.runner.session import Settings, default_jobs
from sweep.runner.signals import handlers_kept
from sweep.store.load import load

if TYPE_CHECKING:
    import pandas as pd

Backend = Literal["loky", "threading", "sequential", "dask"]


@dataclass(frozen=True, eq=False)
class RunReport:
    """How a run ended, and what there is of its grid now.

    counts: cells by status, `reached`, `not_reached`, `diverged`, `failed`, and `missing`.
    computed: how many of them this run has computed. complete: whether all that it was asked for is
    done; a shard is complete by itself. seconds: how long it took. failed: a row for each failed
    cell, with its `cell_id`, its parameters, and in `message` why.
    """

    counts: Counter[str]
    computed: int
    complete: bool
    seconds: float
    failed: pd.DataFrame

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}={number}" for name, number in self.counts.items() if number)
        return (
            f"RunReport({counts}; computed={self.computed}, complete={self.complete}, "
            f"seconds={self.seconds:.3g})"
        )


def run(
    grid: Grid,
    results: str | Path = "results",
    *,
    jobs: int | None = None,
    backend: Backend | None = None,
    scheduler: str | None = None,
    shard: tuple[int, int] | Shard | None = None,
    max_time: float | None = None,
    retry_failed: bool = False,
) -> RunReport:
    """Compute what is missing of a grid; rows are saved in the folder `results` / `grid.name`.

    jobs: how many cores to use; all by default. backend: "loky" (worker processes), "threading",
    "sequential", or "dask" with the address of a `scheduler`; by default threads for less than half
    a minute of work, and else processes. shard: (i, n) computes part i of n only, from 1. max_time:
    in seconds, after which no further trajectory is begun. retry_failed: run failed cells again.

    Nothing is printed; messages go to `logging.getLogger("sweep")`. It may be called in any thread,
    also for several grids at the same time, but one run at a time has worker processes. Ctrl-C in
    the main thread ends it in good order: what is finished is saved, then KeyboardInterrupt raised.

    Raises UsageError where it cannot start, or cannot write; what was saved stays good. A cell that
    fails raises nothing, it is in the report.

    >>> grid = Grid("fo-anil", axes={"K": [2, 3], "eta_w": [2.5, 3.0]}, name="four")
    >>> report = run(grid, results, jobs=2)
    >>> report.counts["reached"], report.complete, len(report.failed)
    (2, True, 0)
    >>> run(grid, results).computed
    0
    """
    settings = Settings(
        results=Path(results),
        backend=_backend(backend, scheduler),
        jobs=_jobs(jobs),
        scheduler=scheduler,
        shard=_shard(shard),
        max_time=_max_time(max_time),
        retry_failed=retry_failed,
    )
    for line in grid.model.warnings(grid.cells()):
        LOG.warning(line)
    with handlers_kept():
        report = session.run(grid, settings, _console(), LOG.warning)
    if report.signal:
        # Now that all is saved, whoever has set the handler hears of it: Python's own raises
        # KeyboardInterrupt here.
        signal.raise_signal(report.signal)
    failed = _failed(grid, results, report.counts["failed"])
    return RunReport(report.counts, report.computed, report.complete, report.seconds, failed)


def _failed(grid: Grid, results: str | Path, count: int) -> pd.DataFrame:
    import pandas as pd  # slow to import

    if not count:
        names = (parameter.name for parameter in grid.model.parameters)
        return pd.DataFrame(columns=["cell_id", *names, "status", "message"])
    rows = load(grid, results, ["message"])
    return rows[rows["status"] == FAILED.word].reset_index(drop=True)


class _Lines(io.StringIO):
    """What is written goes on as messages, a line each."""

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line:
                LOG.info(line)
        return len(text)


def _console() -> Console:
    """Where progress goes; it is no terminal and no notebook, wherever this is called."""
    return Console(file=_Lines(), force_terminal=False, force_jupyter=False, width=1000)


def _backend(backend: object, scheduler: str | None) -> str | None:
    if backend is not None and backend not in BACKENDS:
        raise UsageError(f"backend: found {backend!r}; allowed is one of {', '.join(BACKENDS)}")
    if backend not in (None, "dask") if scheduler else backend == "dask":
        raise UsageError("backend='dask' and the address of a scheduler go together")
    return None if backend is None else str(backend)


def _jobs(given: object) -> int:
    jobs = plain(given)
    if jobs is None:
        return default_jobs()
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise UsageError(f"jobs: found {jobs!r}; allowed is an integer ≥ 1")
    return jobs


def _shard(given: object) -> Shard | None:
    match given:
        case None | Shard():
            return given
        case (int() as number, int() as count) if 1 <= number <= count:
            return Shard(number, count)
    raise UsageError(f"shard: found {given!r}; allowed is (i, n) with 1 ≤ i ≤ n, as (3, 8)")


def _max_time(given: object) -> float | None:
    seconds = plain(given)
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise UsageError(f"max_time: found {seconds!r}; allowed is a number of seconds > 0")
    return None if math.isinf(seconds) else float(seconds)
