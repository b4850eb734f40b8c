"""`sweep plan`: what `sweep run` would do."""

from __future__ import annotations

from pathlib import Path

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, json_option, results_option
from sweep.cli.output import print_json, print_table, warn
from sweep.cli.plot import warn_of_section


@click.command(cls=Command)
@grid_argument
@results_option
@click.option("--jobs", type=click.IntRange(1), help="Cores to count on.  [default: all]")
@json_option
def plan(grid: str, results: Path, jobs: int | None, as_json: bool) -> None:
    """Show what `run` would do: cells, trajectories, done, failed, pending, time."""
    from sweep.grid import read_grid
    from sweep.grid.refinement.forecast import forecast_of
    from sweep.models.status import FAILED
    from sweep.runner.plan import make_plan
    from sweep.runner.progress import duration
    from sweep.runner.session import default_jobs
    from sweep.store.folder import Folder
    from sweep.store.known import looked_up
    from sweep.store.refined import known_so_far

    read = read_grid(grid)
    warn_of_section(read)
    folder = Folder(results, read.name)
    saved = looked_up(read, folder, warn)
    refined = known_so_far(read, folder, warn)
    made = make_plan(read if refined is None else refined.wanted(), saved)
    cores = jobs or default_jobs()
    expected = float(made.costs.sum()) / cores
    failed = made.count(FAILED)
    facts = {
        "cells": len(made.cells),
        "trajectories": made.all_trajectories,
        "done": len(made.cells) - len(made.todo) - failed,
        "failed": failed,
        "pending": len(made.todo),
        "pending_trajectories": len(made),
    }
    if refined is not None:
        forecast = forecast_of(refined)
        facts |= forecast.facts()
        expected *= 1 + forecast.to_come / max(len(made.todo), 1)
    if as_json:
        print_json({"grid": read.name, "model": read.model.name, **facts, "expected_s": expected})
        return
    rows = [(name.replace("_", " "), f"{number:,}") for name, number in facts.items()]
    print_table([*rows, (f"expected time on {cores} cores", duration(expected))])
    for line in read.model.warnings(made.cells):
        warn(line)
