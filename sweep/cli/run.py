"""`sweep run`: compute what is missing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sweep.cli.common import grid_argument, results_option, stderr, warn

if TYPE_CHECKING:
    from sweep.grid import Grid, Shard
    from sweep.runner.session import Report

NO_SHARD = "none"
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


MOST_SHARDS = 1_000_000
MOST_JOBS = 1000


class Duration(click.ParamType[float]):
    """A time such as 90s, 30m, 1.5h; a bare number is seconds."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds."""
        text = str(value).strip()
        number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, "s")
        try:
            seconds = float(number) * UNITS[unit]
        except ValueError:
            seconds = -1.0
        if not 0 < seconds < float("inf"):
            self.fail(
                f"{text!r} is no time; allowed is a number with s, m, h or d, as in 30m", param, ctx
            )
        return seconds


class ShardType(click.ParamType[tuple[int, int] | str]):
    """I/N with 1 ≤ I ≤ N, or NO_SHARD."""

    name = "i/n"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int] | str:
        """(I, N), or NO_SHARD."""
        if isinstance(value, tuple) or value == NO_SHARD:
            return value
        number, _, count = str(value).partition("/")
        digits = number.isdecimal() and count.isdecimal()
        if not (digits and 1 <= int(number) <= int(count) <= MOST_SHARDS):
            self.fail(
                f"{value!r} is no shard; allowed is I/N with 1 ≤ I ≤ N ≤ {MOST_SHARDS:,}, as in "
                f"3/8, or {NO_SHARD}",
                param,
                ctx,
            )
        return int(number), int(count)


@click.command()
@grid_argument
@results_option
@click.option("--jobs", type=click.IntRange(1, MOST_JOBS), help="Cores to use.  [default: all]")
@click.option(
    "--backend",
    type=click.Choice(["loky", "threading", "sequential", "dask"]),
    help="Where trajectories are computed: in worker processes, in threads, in one thread, on a "
    "Dask cluster.  [default: dask with --scheduler, threading for less than half a minute of "
    "work, else loky]",
)
@click.option("--scheduler", metavar="ADDRESS", help="Dask scheduler, as in tcp://host:8786.")
@click.option(
    "--shard",
    type=ShardType(),
    metavar="I/N",
    help="Compute part I of N only; none: all.  [default: SLURM's array task, if there is one]",
)
@click.option("--max-time", type=Duration(), help="Stop after this time, as in 30m; exit code 3.")
@click.option("--retry-failed", is_flag=True, help="Run failed cells again.")
@click.option("--plot", is_flag=True, help="Draw the picture afterwards, beside the results.")
def run(
    grid: str,
    results: Path,
    jobs: int | None,
    backend: str | None,
    scheduler: str | None,
    shard: tuple[int, int] | str | None,
    max_time: float | None,
    retry_failed: bool,
    plot: bool,
) -> None:
    """Compute what is missing of GRID, then report.

    Finished cells are saved every few seconds; a run that is stopped, however it is stopped, is
    taken up where it was by the same command.
    """
    from sweep.errors import UsageError
    from sweep.grid import read_grid
    from sweep.plots.picture import Choices, check_picture
    from sweep.runner.session import Settings, default_jobs
    from sweep.runner.session import run as run_grid
    from sweep.runner.signals import leave

    if backend not in (None, "dask") if scheduler else backend == "dask":
        raise click.UsageError("--backend dask and --scheduler ADDRESS go together")
    read = read_grid(grid)
    if plot:
        check_picture(read, Choices())
    for line in read.model.warnings(read.cells()):
        warn(line)
    settings = Settings(
        results=results,
        backend=backend,
        jobs=jobs or default_jobs(),
        scheduler=scheduler,
        shard=_shard(shard),
        max_time=max_time,
        retry_failed=retry_failed,
    )
    try:
        report = run_grid(read, settings, stderr(), warn)
    except UsageError as error:
        warn(str(error))
        leave(2)
    _say(read.name, report)
    if plot and not report.signal:
        _draw(read, results, report)
    leave(_exit_code(report))


def _shard(given: tuple[int, int] | str | None) -> Shard | None:
    from sweep.grid import Shard

    if isinstance(given, str):
        return None
    if given is not None:
        return Shard(*given)
    shard = slurm_shard(os.environ)
    if shard is not None:
        warn(
            f"computes part {shard.number} of {shard.count} only, as SLURM_ARRAY_TASK_ID is "
            f"{os.environ['SLURM_ARRAY_TASK_ID']}; --shard {NO_SHARD} computes all"
        )
    return shard


def slurm_shard(environment: Mapping[str, str]) -> Shard | None:
    """The shard of this task of a SLURM job array, from its ID, MIN, MAX, STEP and COUNT."""
    from sweep.errors import UsageError
    from sweep.grid import Shard

    names = ("ID", "COUNT", "MIN", "MAX", "STEP")
    found = {name: environment.get(f"SLURM_ARRAY_TASK_{name}", "") for name in names}
    if not (found["ID"].isdecimal() and found["COUNT"].isdecimal()) or int(found["COUNT"]) < 2:
        return None
    task, count = int(found["ID"]), int(found["COUNT"])
    first, step = int(found["MIN"] or 0), int(found["STEP"] or 1)
    last = int(found["MAX"] or first + step * (count - 1))
    if last != first + step * (count - 1):  # as in --array=1,2,7
        raise UsageError(
            f"SLURM_ARRAY_TASK_ID: found task {task} of {count} between {first} and {last}, whose "
            f"part of the work is not known; name it with --shard I/N; --shard {NO_SHARD} is all"
        )
    return Shard((task - first) // step + 1, count)


def _say(name: str, report: Report) -> None:
    from sweep.runner.progress import counted, duration

    total = sum(report.counts.values())
    line = f"{name}: {total:,} cells, {counted(report.counts)}"
    if report.counts["missing"]:
        line += f", {report.counts['missing']:,} missing"
    warn(f"{line}; computed {report.computed:,} in {duration(report.seconds)}")
    if report.counts["failed"]:
        warn("failed cells keep their message in the results; --retry-failed runs them again")
    if not (report.complete or report.computed or report.signal):
        warn(
            "--max-time: no trajectory was finished in that time; the longest pending one is "
            f"forecast to take {duration(report.longest)}; give more"
        )


def _draw(grid: Grid, results: Path, report: Report) -> None:
    from sweep.cli.plot import draw_grid

    if report.counts["missing"] == sum(report.counts.values()):
        warn("no picture, as no cell is computed yet")
        return
    target = results / f"{grid.name}.png"
    draw_grid(grid, results, target)
    warn(f"picture: {target}")


def _exit_code(report: Report) -> int:
    if report.signal:
        return 128 + report.signal
    if not report.complete:
        return 3
    return 1 if report.counts["failed"] else 0
