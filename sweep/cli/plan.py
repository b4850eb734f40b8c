"""`sweep plan`: what `sweep run` would do."""

from __future__ import annotations

from pathlib import Path

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, jobs_option, json_option, results_option
from sweep.cli.output import print_json, print_table, warn
from sweep.cli.plot import warn_of_section

UNKNOWN = "not known before the first trajectories"


def said_of(fact: str) -> str:
    """The name of a fact for people: what programs know as pending is missing, as everywhere."""
    return fact.replace("pending", "missing").replace("_", " ")


@click.command(cls=Command)
@grid_argument
@results_option
@jobs_option("Cores to count on.", most=None)
@json_option
def plan(grid: str, results: Path, jobs: int | None, as_json: bool) -> None:
    """Show what `run` would do: cells, trajectories, done, failed, missing, time."""
    from sweep.grid import read_grid
    from sweep.grid.refinement.forecast import forecast_of
    from sweep.models.status import FAILED
    from sweep.runner.decided import decided
    from sweep.runner.plan import make_plan
    from sweep.runner.progress import duration
    from sweep.runner.session import default_jobs
    from sweep.store.folder import Folder
    from sweep.store.identities import parsed
    from sweep.store.known import looked_up, with_reached
    from sweep.store.refined import known_so_far
    from sweep.store.timings import timings

    read = read_grid(grid)
    warn_of_section(read)
    folder = Folder(results, read.name)
    known = looked_up(read, folder, warn)
    refined = known_so_far(read, folder, warn)
    cells_of = read if refined is None else refined.all_wanted()
    times = timings(read.model, folder)
    made = make_plan(cells_of, known, timings=times)
    answered = decided(made, folder, lambda _: None)
    if answered is not None:
        made = make_plan(cells_of, with_reached(known, parsed(answered["cell_id"])), timings=times)
    cores = jobs or default_jobs()
    expected = made.forecast.on(cores) if made.forecast.is_known or not len(made) else None
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
        if expected is not None:
            expected *= 1 + forecast.to_come / max(len(made.todo), 1)
    if as_json:
        print_json({"grid": read.name, "model": read.model.name, **facts, "expected_s": expected})
        return
    rows = [(said_of(name), f"{number:,}") for name, number in facts.items()]
    said = UNKNOWN if expected is None else duration(expected)
    print_table([*rows, (f"expected time on {cores} cores", said)])
    for line in read.model.warnings(made.cells):
        warn(line)
