"""`sweep run`: compute what is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, jobs_option, json_option, results_option
from sweep.cli.output import cells_in_words, print_json, stderr, warn
from sweep.cli.plot import draw_grid, place_beside, warn_of_section
from sweep.cli.slurm import slurm_shard
from sweep.cli.words import Duration, ShardType

if TYPE_CHECKING:
    from sweep.grid import Grid, Shard
    from sweep.runner.session import Others, Report

MOST_PARTS = 10
"""Of a grid, that are named as missing."""


@click.command(cls=Command)
@grid_argument
@results_option
@jobs_option()
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
@click.option(
    "--max-time",
    type=Duration(),
    help="Stop after this time, as in 30m or 1h30m; exit code 3.",
)
@click.option("--retry-failed", is_flag=True, help="Run failed cells again.")
@click.option(
    "--reuse",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FOLDER",
    help="Folder of another grid's results, as results/fig5: cells that it has are copied from "
    "there, not computed; may be given again.",
)
@click.option("--plot", is_flag=True, help="Draw the picture afterwards, beside the results.")
@json_option
def run(
    grid: str,
    results: Path,
    jobs: int | None,
    backend: str | None,
    scheduler: str | None,
    shard: tuple[int, int] | str | None,
    max_time: float | None,
    retry_failed: bool,
    reuse: tuple[Path, ...],
    plot: bool,
    as_json: bool,
) -> None:
    """Compute what is missing of GRID, then report.

    Finished cells are saved every few seconds; a run that is stopped, however it is stopped, is
    taken up where it was by the same command.
    """
    from sweep.grid import read_grid
    from sweep.plots.picture import check_picture, check_target
    from sweep.runner.session import Settings, default_jobs
    from sweep.runner.session import run as run_grid
    from sweep.runner.signals import leave

    if backend not in (None, "dask") if scheduler else backend == "dask":
        raise click.UsageError("--backend dask and --scheduler ADDRESS go together")
    read = read_grid(grid)
    if plot:
        check_picture(read)
        check_target(place_beside(read, results))  # refuses one where another file is
    else:
        warn_of_section(read)
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
        reuse=reuse,
    )
    report = run_grid(read, settings, stderr(), warn)
    _say(read.name, report)
    if as_json:
        print_json({"grid": read.name, **_facts(report), "exit_code": _exit_code(report)})
    if plot and not report.signal:
        _draw(read, results, report)
    leave(_exit_code(report))


def _shard(given: tuple[int, int] | str | None) -> Shard | None:
    from sweep.grid import Shard

    if isinstance(given, str):
        return None
    return Shard(*given) if given is not None else slurm_shard(os.environ, warn)


def _say(name: str, report: Report) -> None:
    from sweep.runner.progress import counted, duration

    total = sum(report.counts.values())
    line = f"{name}: {cells_in_words(total)}, {counted(report.counts)}"
    if report.counts["missing"]:
        line += f", {report.counts['missing']:,} missing"
    for folder, number in report.reused.items():
        warn(f"--reuse: {cells_in_words(number)} copied from {folder}")
    if report.decided:
        verb = "is" if report.decided == 1 else "are"
        warn(f"{cells_in_words(report.decided)} {verb} answered by saved rows of other windows")
    warn(f"{line}; computed {report.computed:,} in {duration(report.seconds)}")
    if report.counts["failed"]:
        warn("`sweep status GRID --failed` says why cells failed; --retry-failed runs them again")
    if report.others is not None and report.others.missing:
        warn(f"missing: {_parts(report.others)}")
    # Where nothing was to be run, it is other shards that are waited for.
    if report.longest != 0 and not (report.complete or report.computed or report.signal):
        why = ""
        if report.longest is not None and report.longest < report.seconds:
            why = ", which went by in getting ready"
        elif report.longest is not None:
            why = f"; the longest missing one is forecast to take {duration(report.longest)}"
        warn(f"--max-time: no trajectory was finished in that time{why}; give more")


def _facts(report: Report) -> dict[str, Any]:
    from sweep.models.status import Status

    words = [status.word for status in Status]
    others = report.others
    parts = {} if others is None else {"missing_parts": dict(sorted(others.missing.items()))}
    return {
        "cells": sum(report.counts.values()),
        **{name: report.counts[name] for name in (*words, "missing")},
        "computed": report.computed,
        "reused": sum(report.reused.values()),
        "decided": report.decided,
        "complete": report.complete,
        "seconds": report.seconds,
        **parts,
    }


def _parts(others: Others) -> str:
    """Whose part is missing, as in "part 2 (40 cells), part 5 (3 cells, at work)"."""
    told = []
    for number, missing in sorted(others.missing.items())[:MOST_PARTS]:
        at_work = ", at work" if number in others.at_work else ""
        told.append(f"part {number} ({cells_in_words(missing)}{at_work})")
    more = len(others.missing) - len(told)
    return ", ".join([*told, *([f"and {more:,} more parts"] if more else [])])


def _draw(grid: Grid, results: Path, report: Report) -> None:
    if report.counts["missing"] == sum(report.counts.values()):
        warn("no picture, as all cells are missing")
        return
    target = place_beside(grid, results)
    draw_grid(grid, results, target)
    warn(f"picture: {target}")


def _exit_code(report: Report) -> int:
    if report.signal:
        return 128 + report.signal
    if not report.complete:
        return 3
    return 1 if report.counts["failed"] else 0
